namespace Headroom.Routing.Connections;

/// <summary>
/// An HTTP/1.1 connection that listens while it sends (RFC 9112, section 9.5). <see cref="SocketsHttpHandler"/> reads an answer only after
/// it wrote the whole body, so it would never hear an upstream that refuses a large upload and stops reading.
/// </summary>
/// <remarks>
/// <para>
/// When a refusal (status 300 and above) arrives while a write waits for the upstream, or any answer came before a reset, the rest of
/// the upload is dropped and the handler reads that answer. It is marked with <c>Connection: close</c>, so that the handler never reuses a
/// connection whose request was cut short. To the upstream the request stays incomplete.
/// </para>
/// <para>
/// The first byte of each answer is handed over alone: on a pooled connection the handler reads ahead and looks at the bytes only after
/// the upload, when they could not be marked any more.
/// </para>
/// <para>
/// A request of known length, up to 16 KB, leaves in one write, although the handler writes it in pieces of 4 KB. So the beginning of such a request may
/// wait for the next bytes of its body, of which an upstream could make nothing yet. No read waits for what is held: the handler reads only
/// after it wrote or flushed the request, except ahead, and what it reads ahead is no answer to this request.
/// </para>
/// </remarks>
internal sealed partial class Http1Stream(Stream inner) : DuplexStream
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Http1Answer _answer = new();
    private readonly Http1Request _request = new(TcpAcknowledgements.TryCreate(inner));

    private PendingRead? _pending;
    private Task? _ahead;
    private TaskCompletionSource? _readEnded;
    private Exception? _failure;
    private bool _reading;
    private bool _writing;
    private bool _ended;
    private bool _dropping;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!TryBegin(buffer.Span, mayHold: !cancellationToken.CanBeCanceled, out var joined))
        {
            return default;
        }

        return joined.Array is null ? SendAsync(buffer, cancellationToken) : SendHeldAsync(joined, cancellationToken);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (TryBegin(buffer, mayHold: false, out var joined))
        {
            inner.Write(joined.Array is null ? buffer : joined);
            Return(joined);
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (TryTake(buffer.Span, out var count, out var ahead))
        {
            return new(count);
        }

        if (ahead is not null)
        {
            return ReadAfterAsync(ahead, buffer, cancellationToken);
        }

        if (_request.IsTransparent)
        {
            return inner.ReadAsync(buffer, cancellationToken);
        }

        ValueTask<int> read;
        try
        {
            read = inner.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception e) when (MayEnd(e))
        {
            return new(0);
        }

        return read.IsCompletedSuccessfully
            ? new(Receive(buffer.Span, read.Result))
            : (Interlocked.Exchange(ref _pending, null) ?? new(this)).Begin(read, buffer);
    }

    public override int Read(Span<byte> buffer)
    {
        while (true)
        {
            if (TryTake(buffer, out var count, out var ahead))
            {
                return count;
            }

            if (ahead is not null)
            {
                ahead.GetAwaiter().GetResult();
                continue;
            }

            if (_request.IsTransparent)
            {
                return inner.Read(buffer);
            }

            int received;
            try
            {
                received = inner.Read(buffer);
            }
            catch (Exception e) when (MayEnd(e))
            {
                return 0;
            }

            return Receive(buffer, received);
        }
    }

    public override void Flush()
    {
        if (TakeHeld() is { Array: not null } held)
        {
            inner.Write(held);
            Return(held);
        }

        inner.Flush();
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (TakeHeld() is { Array: not null } held)
        {
            await SendHeldAsync(held, cancellationToken).ConfigureAwait(false);
        }

        await inner.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            Return(TakeHeld());
        }

        base.Dispose(disposing);
    }

    private ValueTask SendAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_request.IsTransparent || cancellationToken.CanBeCanceled)
        {
            // SocketsHttpHandler passes no token with HTTP/1.1.
            return inner.WriteAsync(buffer, cancellationToken);
        }

        var write = inner.WriteAsync(buffer, _stop.Token);
        return write.IsCompletedSuccessfully ? write : FinishWriteAsync(write);
    }

    // Returns false where nothing is to be sent: these bytes are held, or writing is of no use and the handler should go on to read.
    private bool TryBegin(ReadOnlySpan<byte> bytes, bool mayHold, out ArraySegment<byte> joined)
    {
        lock (_gate)
        {
            joined = default;
            if (_dropping)
            {
                return false;
            }

            if (!_request.IsTransparent)
            {
                _request.Write(bytes, isHeld: _held.Count > 0);
                if (_ended && _request.EndsUnsent)
                {
                    throw new RequestNotReceivedException(_failure);
                }

                if ((_ended && _request.MayBeRepeated) || (mayHold && TryHold(bytes)))
                {
                    return false;
                }
            }

            if (_held.Count > 0)
            {
                Hold(bytes);
                joined = TakeHeld();
            }

            return true;
        }
    }

    private bool TryTake(Span<byte> buffer, out int count, out Task? ahead)
    {
        lock (_gate)
        {
            count = 0;
            ahead = null;
            if (_answer.HasBytes)
            {
                // Only a request with Expect: 100-continue is read for while it is being written.
                _ = _writing && TryDropRest(anyAnswer: false);
                var status = _answer.Status;
                count = _answer.Take(buffer);
                if (count > 0)
                {
                    _request.HandMore(status);
                }

                return true;
            }

            if (_ahead is { IsCompleted: false })
            {
                ahead = _ahead;
                return false;
            }

            if (_ended)
            {
                ThrowIfBroken();
                return true;
            }

            _reading = !_request.IsTransparent;
            return false;
        }
    }

    private async ValueTask<int> ReadAfterAsync(Task ahead, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        await ahead.WaitAsync(cancellationToken).ConfigureAwait(false);
        return await ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
    }

    private int Receive(Span<byte> buffer, int count)
    {
        lock (_gate)
        {
            EndRead();
            if (buffer.IsEmpty)
            {
                return 0;
            }

            if (count == 0)
            {
                _ended = true;
                ThrowIfBroken();
                return 0;
            }

            if (!_request.IsUnanswered)
            {
                return count;
            }

            if (_request.IsWritten && !_writing && !_request.HasFirstByte && Http1Head.FirstStatus(buffer[..count]) is not 0 and var status)
            {
                // Nothing is left to be dropped.
                _request.HandMore(status);
                return count;
            }

            if (_request.HasFirstByte || buffer[0] != (byte)'H')
            {
                _request.HandMore(status: 0);
                _answer.Clear();
                return count;
            }

            _request.HandFirstByte();
            _answer.KeepAllButFirst(buffer[..count]);
            _ = _writing && (TryDropRest(anyAnswer: false) || TryReadAhead());
            return 1;
        }
    }

    private bool MayEnd(Exception failure)
    {
        lock (_gate)
        {
            EndRead();
            _ended = true;
            _failure ??= failure;
            return failure is IOException && _request.MayBeRepeated;
        }
    }

    private void EndRead()
    {
        _reading = false;
        _readEnded?.TrySetResult();
        _readEnded = null;
    }

    // An end of stream after a failure is not an orderly end.
    private void ThrowIfBroken()
    {
        if (_request.EndsUnreceived)
        {
            throw new RequestNotReceivedException(_failure);
        }

        if (_failure is not null && !_request.MayBeRepeated)
        {
            throw new IOException("The upstream broke off the connection.", _failure);
        }
    }
}
