using Headroom.Routing.AspNetCore.Diagnostics;

namespace Headroom.Routing.AspNetCore.Journal;

/// <summary>How far a request has come.</summary>
internal readonly record struct JournalState
{
    internal JournalOutcome Outcome { get; init; }

    /// <summary>The status that the client got; <see langword="null"/> if it has none yet, or left before there was one.</summary>
    internal int? Status { get; init; }

    /// <summary>How long it took until the first byte of the answer's body came; <see langword="null"/> if none has.</summary>
    internal TimeSpan? TimeToFirstByte { get; init; }

    /// <summary>How long it took until now, or in all.</summary>
    internal TimeSpan Elapsed { get; init; }

    /// <summary>How many bytes of the request's body went to the upstream.</summary>
    internal long Sent { get; init; }

    /// <summary>How many bytes of the answer's body came from it.</summary>
    internal long Received { get; init; }

    /// <summary>The proxy's word for an error of its own, as in <c>X-Headroom-Error</c>.</summary>
    internal string? Slug { get; init; }

    /// <summary>The cause of that error, as the log tells it.</summary>
    internal string? Reason { get; init; }

    /// <summary>The same with what has moved since.</summary>
    internal JournalState With(in TransferCount count) => this with
    {
        TimeToFirstByte = count.TimeToFirstByte,
        Elapsed = count.Elapsed,
        Sent = count.Sent,
        Received = count.Received,
    };

    /// <summary>Whether a byte has moved since.</summary>
    internal bool IsBehind(in TransferCount count) => Sent != count.Sent || Received != count.Received;
}
