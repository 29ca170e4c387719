using Headroom.Routing.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Headroom.Routing.AspNetCore.Journal;

/// <summary>One request of the journal. Disposing it ends it, if nothing else did: its client left while it was told of an error.</summary>
internal sealed class JournalEntry : IDisposable
{
    private readonly RequestJournal _journal;
    private readonly Lock _gate = new();
    private readonly long _born;
    private long _changed;
    private JournalState _state;
    private ITransferProgress? _transfer;

    internal JournalEntry(RequestJournal journal, long id, long version)
    {
        _journal = journal;
        _born = _changed = version;
        Id = id;
    }

    /// <summary>Counts the requests.</summary>
    internal long Id { get; }

    /// <summary>When it came.</summary>
    internal DateTimeOffset Time { get; } = DateTimeOffset.UtcNow;

    internal required string Method { get; init; }

    /// <summary>Its path, less what may hold a secret.</summary>
    internal required string Path { get; init; }

    internal required string? Provider { get; init; }

    /// <summary>The origin that it goes to; <see langword="null"/> if it goes nowhere.</summary>
    internal required string? Upstream { get; init; }

    /// <summary>What the operator or the catalog calls the upstream; <see langword="null"/> if neither knows it.</summary>
    internal required string? UpstreamName { get; init; }

    /// <summary>What told the upstream.</summary>
    internal required string Choice { get; init; }

    /// <summary>How the decision came about.</summary>
    internal required IReadOnlyList<ResolutionStep> Steps { get; init; }

    /// <summary>Follows what moves, until the request ends.</summary>
    internal JournalEntry Follow(ITransferProgress transfer)
    {
        lock (_gate)
        {
            _transfer = transfer;
        }

        return this;
    }

    /// <summary>Notes the status that the client gets, before it gets the answer's body.</summary>
    internal void Answer(int status) => Change(state => state with { Status = status });

    /// <summary>Notes that the request was refused, so that nothing was sent.</summary>
    internal void Refuse(string slug, string reason, int status) =>
        Change(state => state with { Outcome = JournalOutcome.Refused, Slug = slug, Reason = reason, Status = status });

    /// <summary>Notes how the request ended.</summary>
    /// <param name="response">What its client got.</param>
    /// <param name="failure">What failed; <see langword="null"/> if the whole answer was passed on.</param>
    internal void End(HttpResponse response, RequestFailure? failure) => Change(state => failure switch
    {
        null => state with { Outcome = JournalOutcome.Done, Status = response.StatusCode },
        { Kind: RequestTelemetry.ClientGone } => state with { Outcome = JournalOutcome.ClientGone },
        { } failed => state with
        {
            Outcome = failed.IsRefusal ? JournalOutcome.Refused : JournalOutcome.Failed,
            Slug = failed.Slug,
            Reason = failed.Cause,
            Status = response.StatusCode,
        },
    });

    public void Dispose()
    {
        lock (_gate)
        {
            if (_state.Outcome != JournalOutcome.Running)
            {
                return;
            }
        }

        Change(state => state with { Outcome = JournalOutcome.ClientGone });
    }

    /// <summary>Asks what has moved.</summary>
    internal void Refresh()
    {
        lock (_gate)
        {
            if (_transfer?.Count is { } count && _state.IsBehind(count))
            {
                _state = _state.With(count);
                _changed = _journal.NextVersion();
            }
        }
    }

    /// <summary>Tells how far the request has come.</summary>
    /// <param name="version">The version that the reader has seen.</param>
    /// <param name="row">How far.</param>
    /// <returns>Whether it changed since that version.</returns>
    internal bool Read(long version, out JournalRow row)
    {
        lock (_gate)
        {
            var state = _transfer is { } running ? _state.With(running.Count) : _state;
            row = new(this, state, IsNew: _born > version);
            return _changed > version;
        }
    }

    private void Change(Func<JournalState, JournalState> change)
    {
        lock (_gate)
        {
            _state = change(_transfer is { } running ? _state.With(running.Count) : _state);
            _changed = _journal.NextVersion();
            if (_state.Outcome != JournalOutcome.Running)
            {
                // From here on it may serve another request.
                _transfer = null;
            }
        }

        _journal.Notify();
    }
}
