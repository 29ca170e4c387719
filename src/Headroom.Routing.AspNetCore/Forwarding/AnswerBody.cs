using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>Passes the body of an answer on to the client.</summary>
internal static class AnswerBody
{
    private const int MaxUnsent = 64 * 1024;

    /// <summary>Passes on whatever has arrived as soon as there is nothing more at hand, never later.</summary>
    /// <returns>What failed, and on whose side; both empty if nothing did.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal static async ValueTask<(ForwarderError Error, Exception? Failure)> CopyAsync(
        HttpResponseMessage answer, AnswerHead head, HttpResponse response, IdleClock clock)
    {
        var sending = false;
        var unsent = 0;
        ValueTask<int> pending = default;
        try
        {
            var input = await answer.Content.ReadAsStreamAsync(clock.Token);
            var output = response.BodyWriter;
            var left = head.Length;
            var roomHint = 0;
            while (true)
            {
                // A read into no buffer waits for bytes, and a stream that is silent for minutes holds no buffer.
                var arrival = input.ReadAsync(Memory<byte>.Empty, clock.Token);
                if (unsent >= MaxUnsent || (!arrival.IsCompleted && (unsent > 0 || (head.IsStream && !response.HasStarted))))
                {
                    pending = arrival;
                    sending = true;
                    await output.FlushAsync(clock.Token);
                    clock.Touch();
                    sending = false;
                    pending = default;
                    unsent = 0;
                }

                await arrival;
                var room = output.GetMemory(roomHint);
                var count = await input.ReadAsync(room, clock.Token);
                clock.Touch();
                if (count == 0)
                {
                    break;
                }

                left -= count;
                if (left < 0)
                {
                    throw new HttpIOException(HttpRequestError.InvalidResponse, "The answer is longer than its Content-Length.");
                }

                output.Advance(count);
                unsent += count;

                // A download is copied in larger pieces.
                roomHint = count == room.Length ? Math.Min(4 * count, MaxUnsent) : count < room.Length / 4 ? 0 : roomHint;
            }

            // SocketsHttpHandler checks this for HTTP/1.1 only (RFC 9113, section 8.1.1).
            if (left > 0)
            {
                throw new HttpIOException(HttpRequestError.ResponseEnded, "The answer is shorter than its Content-Length.");
            }

            if (left == 0)
            {
                // A body of unknown length goes out together with its end.
                sending = true;
                await output.FlushAsync(clock.Token);
            }

            return default;
        }
        catch (Exception failure)
        {
            if (!pending.IsCompleted)
            {
                // A read must have ended before its stream is disposed.
                clock.Cancel();
                Task read = pending.AsTask();
                await read.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (unsent > 0)
            {
                // What the response holds already can't be taken back, so it can't become an error either.
                await response.StartAsync(CancellationToken.None);
            }

            return (clock.IsClientGone ? ForwarderError.ResponseBodyCanceled : sending ? ForwarderError.ResponseBodyClient : ForwarderError.ResponseBodyDestination, failure);
        }
    }
}
