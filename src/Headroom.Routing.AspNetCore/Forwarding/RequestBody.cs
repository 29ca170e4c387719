using System.Buffers;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>The body of a request on its way to the upstream. It is read from the client only when the upstream's connection asks for it.</summary>
internal sealed class RequestBody(HttpContext context, Transfer transfer) : HttpContent
{
    private const int MaxWrite = 64 * 1024;

    private static readonly TaskCompletionSource Ended = CreateEnded();

    private TaskCompletionSource? _waiting;
    private bool _started;

    /// <summary>Whether the body is being sent and has not ended yet.</summary>
    internal bool IsMoving => Volatile.Read(ref _started) && Volatile.Read(ref _waiting) != Ended;

    /// <summary>What ended the body early, if it has ended and something did.</summary>
    internal Exception? Failure { get; private set; }

    /// <summary>Whether <see cref="Failure"/> came from the client's side.</summary>
    internal bool FailedAtClient { get; private set; }

    /// <summary>Waits until the body is no longer being sent. One that the upstream never asked for is not.</summary>
    internal Task WaitAsync()
    {
        if (!IsMoving)
        {
            return Task.CompletedTask;
        }

        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return (Interlocked.CompareExchange(ref _waiting, waiting, null) ?? waiting).Task;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _started, true))
        {
            throw new InvalidOperationException("The request's body was sent before and can't be read again.");
        }

        // An HTTP/2 connection has a token of its own: the upstream may refuse the rest of the body.
        using var linked = cancellationToken.CanBeCanceled && cancellationToken != transfer.Token
            ? CancellationTokenSource.CreateLinkedTokenSource(transfer.Token, cancellationToken)
            : null;
        try
        {
            await CopyAsync(stream, linked?.Token ?? transfer.Token);
        }
        catch (Exception failure)
        {
            Failure = failure;
            throw;
        }
        finally
        {
            Interlocked.Exchange(ref _waiting, Ended)?.SetResult();
        }
    }

    // The length is the client's own Content-Length, which is among the headers; without one it is not known.
    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    private async Task CopyAsync(Stream output, CancellationToken cancellation)
    {
        var input = context.Request.BodyReader;
        var left = context.Request.Headers.TransferEncoding.Count > 0 ? null : context.Request.ContentLength;
        FailedAtClient = true;
        for (var more = true; more;)
        {
            if (!input.TryRead(out var read))
            {
                if (left is null || left == context.Request.ContentLength)
                {
                    // The head of a request, and what a client streams, must not wait for what was not received yet. Of a body of known length, nothing
                    // is of use before the rest.
                    FailedAtClient = false;
                    await output.FlushAsync(cancellation);
                    FailedAtClient = true;
                }

                read = await input.ReadAsync(cancellation);
            }

            transfer.Touch();
            var bytes = read.Buffer;
            left -= bytes.Length;
            more = !read.IsCompleted;
            if (left < 0 || (left > 0 && !more) || read.IsCanceled)
            {
                // A middleware of the app's read or replaced the body.
                input.AdvanceTo(bytes.End);
                throw new InvalidOperationException("The request's body is not as long as its Content-Length says.");
            }

            FailedAtClient = false;
            try
            {
                await WriteAsync(bytes, output, cancellation);
                FailedAtClient = true;
            }
            finally
            {
                // Here the server counts the bytes, and throws if they are more than the app allows.
                input.AdvanceTo(bytes.End);
            }
        }

        FailedAtClient = false;
    }

    // The server receives into blocks of 4 KB, and each write may become a packet of its own.
    private async ValueTask WriteAsync(ReadOnlySequence<byte> bytes, Stream output, CancellationToken cancellation)
    {
        if (bytes.IsSingleSegment)
        {
            await output.WriteAsync(bytes.First, cancellation);
            transfer.Sent(bytes.Length);
            return;
        }

        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(bytes.Length, MaxWrite));
        try
        {
            while (!bytes.IsEmpty)
            {
                var piece = bytes.Slice(0, Math.Min(bytes.Length, buffer.Length));
                piece.CopyTo(buffer);
                await output.WriteAsync(buffer.AsMemory(0, (int)piece.Length), cancellation);
                transfer.Sent(piece.Length);
                bytes = bytes.Slice(piece.End);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static TaskCompletionSource CreateEnded()
    {
        var ended = new TaskCompletionSource();
        ended.SetResult();
        return ended;
    }
}
