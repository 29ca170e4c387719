using System.Collections.Concurrent;
using System.Diagnostics;
using Headroom.Routing.AspNetCore.Diagnostics;
using Headroom.Routing.AspNetCore.Journal;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>
/// What moves of one request in either direction. It counts the bytes, and cancels the request when none has moved for a time or when its client leaves.
/// Kept from one request to the next.
/// </summary>
/// <remarks>
/// A byte that moves costs a store and no timer: when the timer fires, it looks at when the last one moved and waits for the rest of the
/// time. It stays armed between requests, and is armed again only by the next one that needs it earlier.
/// </remarks>
internal sealed class Transfer : ITransferProgress, IDisposable
{
    private const int MaxKept = 1024;

    private static readonly ConcurrentQueue<Transfer> Kept = new();

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _source = new();
    private readonly Timer _timer;
    private CancellationTokenRegistration _client;
    private long _timeout;
    private long _last;
    private long _started;
    private long _firstByte;
    private long _sent;
    private long _received;
    private long _due = long.MaxValue;
    private bool _running;
    private bool _canceled;

    private Transfer()
    {
        // The first request's ambient values are not for the others.
        using (ExecutionContext.SuppressFlow())
        {
            _timer = new Timer(static transfer => ((Transfer)transfer!).OnTimer(), this, Timeout.Infinite, Timeout.Infinite);
        }
    }

    /// <summary>Canceled after the time without a byte, when the client leaves, and by <see cref="Cancel"/>.</summary>
    internal CancellationToken Token => _source.Token;

    /// <summary>Whether the client left.</summary>
    internal bool IsClientGone { get; private set; }

    /// <summary>Takes down what becomes of the request, for those who watch; <see langword="null"/> if nobody can.</summary>
    internal JournalEntry? Entry { get; set; }

    /// <param name="timeout">The time without a byte after which the request is canceled.</param>
    /// <param name="clientGone">Canceled when the client leaves.</param>
    internal static Transfer Start(TimeSpan timeout, CancellationToken clientGone)
    {
        var transfer = Kept.TryDequeue(out var kept) ? kept : new Transfer();
        transfer.Run((long)timeout.TotalMilliseconds);
        transfer._client = clientGone.UnsafeRegister(static transfer => ((Transfer)transfer!).OnClientGone(), transfer);
        return transfer;
    }

    /// <inheritdoc/>
    public TransferCount Count => new(_started, Volatile.Read(ref _firstByte), Volatile.Read(ref _sent), Volatile.Read(ref _received));

    /// <summary>Notes that something moved.</summary>
    internal void Touch() => Volatile.Write(ref _last, Environment.TickCount64);

    /// <summary>Notes that bytes of the request's body went to the upstream.</summary>
    internal void Sent(long bytes)
    {
        Touch();
        Volatile.Write(ref _sent, _sent + bytes);
    }

    /// <summary>Notes that bytes of the answer's body came from the upstream.</summary>
    internal void Received(int bytes)
    {
        Touch();
        if (_received == 0)
        {
            Volatile.Write(ref _firstByte, Stopwatch.GetTimestamp());
        }

        Volatile.Write(ref _received, _received + bytes);
    }

    /// <summary>Ends what still runs of the request.</summary>
    internal void Cancel()
    {
        lock (_gate)
        {
            _canceled = true;
        }

        _source.Cancel();
    }

    /// <summary>Ends the request's time. The transfer must not be used after that.</summary>
    public void Dispose()
    {
        Entry?.Dispose();
        Entry = null;

        // Waits for a cancellation by the client that is being carried out.
        _client.Dispose();
        bool reusable;
        lock (_gate)
        {
            _running = false;
            reusable = !_canceled && _source.TryReset();
        }

        if (reusable && Kept.Count < MaxKept)
        {
            Kept.Enqueue(this);
        }
        else
        {
            _timer.Dispose();
        }
    }

    private void Run(long timeout)
    {
        _started = Stopwatch.GetTimestamp();
        _firstByte = 0;
        _sent = 0;
        _received = 0;
        lock (_gate)
        {
            _timeout = timeout;
            _last = Environment.TickCount64;
            _running = true;
            if (_due > _last + timeout)
            {
                WakeAfter(timeout);
            }
        }
    }

    private void OnClientGone()
    {
        IsClientGone = true;
        Cancel();
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            _due = long.MaxValue;
            if (!_running)
            {
                return;
            }

            var left = Volatile.Read(ref _last) + _timeout - Environment.TickCount64;
            if (left > 0)
            {
                WakeAfter(left);
                return;
            }

            _canceled = true;
        }

        _source.Cancel();
    }

    private void WakeAfter(long milliseconds)
    {
        _due = Environment.TickCount64 + milliseconds;
        _timer.Change(milliseconds, Timeout.Infinite);
    }
}
