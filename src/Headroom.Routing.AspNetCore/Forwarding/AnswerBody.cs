using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
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
        HttpResponseMessage answer, AnswerHead head, HttpContext context, Transfer transfer)
    {
        var sending = false;
        var unsent = 0;
        ValueTask<int> arrival = default;
        try
        {
            var input = await answer.Content.ReadAsStreamAsync(transfer.Token);
            var output = context.Response.BodyWriter;
            var left = head.Length;
            var roomHint = 1;
            while (true)
            {
                // A read into no buffer waits for bytes, and a stream that is silent for minutes holds no buffer.
                arrival = input.ReadAsync(Memory<byte>.Empty, transfer.Token);
                if (unsent >= MaxUnsent || (!arrival.IsCompleted && (unsent > 0 || (head.IsStream && !context.Response.HasStarted))))
                {
                    sending = true;
                    await output.FlushAsync(transfer.Token);
                    transfer.Touch();
                    sending = false;
                    unsent = 0;
                }

                await arrival;
                var room = output.GetMemory(roomHint);
                var count = await input.ReadAsync(room, transfer.Token);
                if (count == 0)
                {
                    break;
                }

                transfer.Received(count);

                left -= count;
                if (left < 0)
                {
                    throw new HttpIOException(HttpRequestError.InvalidResponse, "The answer is longer than its Content-Length.");
                }

                output.Advance(count);
                unsent += count;

                // A download is copied in larger pieces.
                roomHint = count == room.Length ? Math.Min(4 * count, MaxUnsent) : count < room.Length / 4 ? 1 : roomHint;
            }

            arrival = default;

            // SocketsHttpHandler checks this for HTTP/1.1 only (RFC 9113, section 8.1.1).
            if (left > 0)
            {
                throw new HttpIOException(HttpRequestError.ResponseEnded, "The answer is shorter than its Content-Length.");
            }

            if (left == 0 || !EndsWithResponse(context))
            {
                sending = true;
                await output.FlushAsync(transfer.Token);
            }

            return default;
        }
        catch (Exception failure)
        {
            if (sending && !arrival.IsCompleted)
            {
                // A read must have ended before its stream is disposed.
                transfer.Cancel();
                Task read = arrival.AsTask();
                await read.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (unsent > 0)
            {
                // What the response holds already can't be taken back, so it can't become an error either.
                await context.Response.StartAsync(CancellationToken.None);
            }

            return (transfer.IsClientGone ? ForwarderError.ResponseBodyCanceled : sending ? ForwarderError.ResponseBodyClient : ForwarderError.ResponseBodyDestination, failure);
        }
    }

    // Kestrel sends what its own writer holds of a body of unknown length together with the response's end, which saves a packet. The writers of
    // middlewares must be flushed.
    private static bool EndsWithResponse(HttpContext context) =>
        ReferenceEquals(context.Features.Get<IHttpResponseBodyFeature>(), context.Features.Get<IHttpResponseFeature>());
}
