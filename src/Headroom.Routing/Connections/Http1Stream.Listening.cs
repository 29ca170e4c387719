using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Headroom.Routing.Connections;

/// <content>What happens while a write waits for the upstream.</content>
internal sealed partial class Http1Stream
{
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask FinishWriteAsync(ValueTask write)
    {
        lock (_gate)
        {
            _writing = true;
            _ = TryDropRest(anyAnswer: false) || TryReadAhead();
        }

        try
        {
            await write.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            if (!await IsAnsweredAsync(e).ConfigureAwait(false))
            {
                throw;
            }
        }
        finally
        {
            lock (_gate)
            {
                _writing = false;
            }
        }
    }

    // A write failed: because it was stopped, or because the upstream went away, perhaps with an answer.
    private async ValueTask<bool> IsAnsweredAsync(Exception failure)
    {
        while (true)
        {
            Task? read;
            lock (_gate)
            {
                // The system reports a reset only once. What is read from now on must not look like an orderly end.
                _failure ??= failure is OperationCanceledException ? null : failure;
                if (_dropping || TryDropRest(anyAnswer: true))
                {
                    return true;
                }

                if (_reading)
                {
                    read = (_readEnded ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
                }
                else if (TryReadAhead())
                {
                    read = _ahead;
                }
                else if (_ended && _request.EndsUnreceived)
                {
                    throw new RequestNotReceivedException(failure);
                }
                else
                {
                    // The handler goes on to read, finds the end, and repeats a request without a body by itself.
                    _ended |= _request.MayBeRepeated;
                    return _request.MayBeRepeated;
                }
            }

            await read!.ConfigureAwait(false);
        }
    }

    private bool TryDropRest(bool anyAnswer)
    {
        if (!_request.IsUnanswered || !_answer.TryMarkLast(anyAnswer))
        {
            return false;
        }

        // The write's buffer goes back to its owner, so the write must end before this returns.
        _dropping = true;
        _ = _stop.CancelAsync();
        return true;
    }

    private bool TryReadAhead()
    {
        if (_ahead is { IsCompleted: false })
        {
            return true;
        }

        if (_reading || _ended || !_request.IsUnanswered || !_answer.HasRoom)
        {
            return false;
        }

        _ahead = ReadAheadAsync(_answer.Lend());
        return true;
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever the stream throws belongs to the read that asks for these bytes.")]
    private async Task ReadAheadAsync(Memory<byte> room)
    {
        for (var more = true; more;)
        {
            var count = 0;
            Exception? failure = null;
            try
            {
                count = await inner.ReadAsync(room).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                failure = e;
            }

            lock (_gate)
            {
                _answer.Add(count);
                _failure ??= failure;
                _ended = count == 0;
                more = !_ended && _writing && !TryDropRest(anyAnswer: _failure is not null) && _answer.HasRoom;
                if (more)
                {
                    room = _answer.Lend();
                }
            }
        }
    }
}
