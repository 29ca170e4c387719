namespace Headroom.Routing;

/// <summary>The names of the headers that this library reads, removes or writes. Header names are compared without regard to case (RFC 9110, section 5.1).</summary>
public static class HeadroomHeaders
{
    /// <summary>What the name of every control header starts with. No header with this prefix leaves for an upstream.</summary>
    public const string Prefix = "x-headroom-";

    /// <summary>The caller's choice of upstream: an absolute http(s) URL, or the name of an upstream.</summary>
    public const string Upstream = "X-Headroom-Upstream";

    /// <summary>The same choice under the name that clients of the original proxy send. It is read only where <see cref="Upstream"/> is absent.</summary>
    public const string BaseUrl = "x-headroom-base-url";

    /// <summary>The path that a client of the original proxy wants at the override's origin, instead of the one it calls here.</summary>
    public const string OriginalPath = "x-headroom-original-path";

    /// <summary>A token for the gateway itself. Unlike <c>Authorization</c>, it can't be taken for the provider's key and never leaves.</summary>
    public const string ProxyToken = "X-Headroom-Proxy-Token";

    /// <summary>Set on responses that the proxy itself makes, so that a caller can tell them from the provider's errors.</summary>
    public const string Error = "X-Headroom-Error";

    /// <summary>Tells which upstream gave an answer and what chose it, where the proxy is set to reveal that.</summary>
    public const string UpstreamUsed = "X-Headroom-Upstream-Used";

    /// <summary>Whether a header is a control header: one for this library or another layer of the gateway, never for the upstream.</summary>
    /// <param name="name">The header's name, in any case.</param>
    /// <returns>Whether the name starts with <see cref="Prefix"/>.</returns>
    public static bool IsControl(ReadOnlySpan<char> name) => name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);
}
