using System.Diagnostics;

namespace Headroom.Routing;

/// <summary>Why a request may not be sent. It is a value and not an exception, so that a caller has to look at it.</summary>
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

    /// <summary>A sentence or two for the caller: what was wrong, and which header or setting changes it. It never repeats what the caller sent.</summary>
    public string Message { get; }

    /// <summary>The cause, for the operator's log only; <see langword="null"/> where <see cref="Message"/> says it all.</summary>
    public string? Detail { get; }

    /// <inheritdoc/>
    public override string ToString() => Message;

    /// <summary>Creates the same refusal with the origin in its <see cref="Detail"/>.</summary>
    internal Refusal About(string origin) => new(Reason, Message, Detail is null ? origin : $"{origin}: {Detail}");

    internal static Refusal Invalid(string message) => new(RefusalReason.InvalidUpstream, message);
}
