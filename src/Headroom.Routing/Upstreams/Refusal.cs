using System.Diagnostics;

namespace Headroom.Routing;

/// <summary>Why a request may not be sent: a value, not an exception, so that a caller has to look at it.</summary>
[DebuggerDisplay("{Reason}: {Message}")]
public sealed class Refusal
{
    internal Refusal(RefusalReason reason, string message, string? detail = null)
    {
        Reason = reason;
        Message = message;
        Detail = detail;
    }

    /// <summary>The kind of refusal.</summary>
    public RefusalReason Reason { get; }

    /// <summary>One sentence or two for the caller: what was wrong, and which header or setting changes it. Repeats nothing the caller sent.</summary>
    public string Message { get; }

    /// <summary>The cause, for the operator's log alone; <see langword="null"/> where <see cref="Message"/> says it all.</summary>
    public string? Detail { get; }

    /// <inheritdoc/>
    public override string ToString() => Message;

    /// <summary>The same refusal, its log line saying which origin it was about.</summary>
    internal Refusal About(string origin) => new(Reason, Message, Detail is null ? origin : $"{origin}: {Detail}");

    internal static Refusal Invalid(string message) => new(RefusalReason.InvalidUpstream, message);
}
