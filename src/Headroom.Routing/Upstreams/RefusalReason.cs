namespace Headroom.Routing;

/// <summary>The kinds of <see cref="Refusal"/>.</summary>
public enum RefusalReason
{
    /// <summary>The override, or the path, is malformed, or the name is unknown: the request itself must change.</summary>
    InvalidUpstream,

    /// <summary>The policy does not let the caller reach this upstream.</summary>
    UpstreamNotAllowed,

    /// <summary>The provider has no base address, and the request names no upstream; or no provider owns the path.</summary>
    NoUpstream,
}
