namespace Headroom.Routing.AspNetCore.Journal;

/// <summary>
/// One page that watches the journal. Nothing is queued for it: it asks what changed since it last did, so one that is slow misses steps in between and costs
/// no memory.
/// </summary>
internal sealed class JournalWatcher(RequestJournal journal) : IDisposable
{
    private readonly SemaphoreSlim _news = new(0, 1);
    private long _version;

    /// <summary>Tells which requests changed since this was called last, the oldest first.</summary>
    /// <param name="isAnyRunning">Whether a request is under way, so that more may have moved soon without further notice.</param>
    internal List<JournalRow> Read(out bool isAnyRunning) => journal.Read(ref _version, out isAnyRunning);

    /// <summary>Waits until a request comes, is answered or ends, or until the time is over.</summary>
    internal Task WaitAsync(TimeSpan time, CancellationToken cancellationToken) => _news.WaitAsync(time, cancellationToken);

    /// <summary>Called by the journal, one call at a time.</summary>
    internal void Notify()
    {
        if (_news.CurrentCount == 0)
        {
            _news.Release();
        }
    }

    public void Dispose()
    {
        journal.Leave(this);
        _news.Dispose();
    }
}
