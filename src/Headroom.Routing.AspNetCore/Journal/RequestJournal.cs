using System.Diagnostics.CodeAnalysis;
using Headroom.Routing.AspNetCore.Diagnostics;
using Headroom.Routing.AspNetCore.Routing;
using Headroom.Routing.Upstreams;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Headroom.Routing.AspNetCore.Journal;

/// <summary>
/// The last requests, for the live page. It is off until a page is mapped. Its size does not depend on what callers send, and it holds only what others than
/// they may see.
/// </summary>
internal sealed class RequestJournal
{
    /// <summary>How many requests are kept.</summary>
    internal const int Kept = 200;

    /// <summary>How many pages may watch at a time.</summary>
    internal const int MaxWatchers = 32;

    private const int MaxPath = 256;

    private readonly Lock _gate = new();
    private readonly Queue<JournalEntry> _entries = new(Kept);
    private readonly List<JournalWatcher> _watchers = [];
    private volatile bool _isOn;
    private long _lastId;
    private long _version;

    /// <summary>Starts to keep requests.</summary>
    internal void TurnOn() => _isOn = true;

    /// <summary>Notes that a request came.</summary>
    /// <param name="context">The request.</param>
    /// <param name="decision">What was decided about it.</param>
    /// <param name="resolver">What decided it.</param>
    /// <returns>Takes down what becomes of the request; <see langword="null"/> if the journal is off.</returns>
    internal JournalEntry? Start(HttpContext context, UpstreamDecision decision, UpstreamResolver resolver) =>
        _isOn ? Add(context, decision, resolver) : null;

    /// <summary>Lets a page watch until the watcher is disposed.</summary>
    /// <returns>False if as many as may do so already.</returns>
    internal bool TryWatch([NotNullWhen(true)] out JournalWatcher? watcher)
    {
        lock (_gate)
        {
            watcher = _watchers.Count < MaxWatchers ? new JournalWatcher(this) : null;
            if (watcher is not null)
            {
                _watchers.Add(watcher);
            }

            return watcher is not null;
        }
    }

    internal void Leave(JournalWatcher watcher)
    {
        lock (_gate)
        {
            _watchers.Remove(watcher);
        }
    }

    /// <summary>Counts the changes.</summary>
    internal long NextVersion() => Interlocked.Increment(ref _version);

    /// <summary>Tells the watchers of a change.</summary>
    internal void Notify()
    {
        lock (_gate)
        {
            foreach (var watcher in _watchers)
            {
                watcher.Notify();
            }
        }
    }

    /// <summary>Tells which requests changed, the oldest first.</summary>
    /// <param name="version">What the reader has seen, and then what it has seen now.</param>
    /// <param name="isAnyRunning">Whether a request is under way.</param>
    internal List<JournalRow> Read(ref long version, out bool isAnyRunning)
    {
        foreach (var entry in Entries(out _))
        {
            entry.Refresh();
        }

        // What changes from here on is told the next time, and perhaps now as well.
        var entries = Entries(out var seen);
        var changed = new List<JournalRow>();
        isAnyRunning = false;
        foreach (var entry in entries)
        {
            if (entry.Read(version, out var row))
            {
                changed.Add(row);
            }

            isAnyRunning |= row.State.Outcome == JournalOutcome.Running;
        }

        version = seen;
        return changed;
    }

    // A request that comes takes its version under the same lock, so none of up to this version is missing.
    private JournalEntry[] Entries(out long version)
    {
        lock (_gate)
        {
            version = Interlocked.Read(ref _version);
            return [.. _entries];
        }
    }

    private JournalEntry Add(HttpContext context, UpstreamDecision decision, UpstreamResolver resolver)
    {
        var request = context.Request;
        var path = "";
        IReadOnlyList<ResolutionStep> steps = [];
        if (IncomingPath.TryRead(context, (RouteEndpoint)context.GetEndpoint()!, out var pathAndQuery))
        {
            path = resolver.ShowPathToOthers(pathAndQuery);
            steps = resolver.ExplainToOthers(request.Method, pathAndQuery, request.Headers).Steps;
        }

        JournalEntry entry;
        lock (_gate)
        {
            entry = new JournalEntry(this, ++_lastId, NextVersion())
            {
                Method = TelemetryNames.Known(request.Method) ?? NameInLog.Of(request.Method),
                Path = NameInLog.Printable(path.AsSpan(0, Math.Min(path.Length, MaxPath))),
                Provider = decision.Provider?.Name,
                Upstream = decision.Target?.Origin,
                UpstreamName = decision.Target?.Name,
                Choice = TelemetryNames.Of(decision.Source),
                Steps = steps,
            };
            _entries.Enqueue(entry);
            if (_entries.Count > Kept)
            {
                _entries.Dequeue();
            }
        }

        if (!context.Response.HasStarted)
        {
            context.Response.OnStarting(Answer, (entry, context.Response));
        }

        Notify();
        return entry;
    }

    private static Task Answer(object state)
    {
        var (entry, response) = ((JournalEntry, HttpResponse))state;
        entry.Answer(response.StatusCode);
        return Task.CompletedTask;
    }
}
