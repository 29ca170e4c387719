using Headroom.Routing.Policy;
using Headroom.Routing.Upstreams;

namespace Headroom.Routing.Resolution;

/// <summary>The upstream that a request goes to if the policy lets it, and who chose it. Kept from one request to the next.</summary>
/// <param name="upstream">The upstream.</param>
/// <param name="choice">Who chose it.</param>
/// <param name="name">What the operator or the catalog calls it; <see langword="null"/> if neither knows its origin.</param>
/// <param name="isKnownHost">Whether the host is one that the operator or the catalog wrote, and not one that follows from a request's path.</param>
/// <param name="opened">
/// The path below which the operator opened it by configuring or naming it; <see langword="null"/> for an upstream that the allow-list or the catalog
/// must open.
/// </param>
/// <param name="key">The operator's key for it, if there is one.</param>
internal sealed class ChosenUpstream(
    UpstreamOverride upstream, UpstreamChoice choice, string? name, bool isKnownHost, OpenedPath? opened = null, OperatorKey? key = null)
{
    private UpstreamGrant? _grant;

    internal UpstreamOverride Upstream { get; } = upstream;

    internal UpstreamChoice Choice { get; } = choice;

    internal string? Name { get; } = name;

    internal bool IsKnownHost { get; } = isKnownHost;

    internal OpenedPath? Opened { get; } = opened;

    internal OperatorKey? Key { get; } = key;

    /// <summary>A base address of a provider's.</summary>
    internal static ChosenUpstream BaseOf(Provider provider, UpstreamOverride upstream, bool isKnownHost, OperatorKey? key) =>
        new(upstream, UpstreamChoice.Configured, provider.Name, isKnownHost, new(upstream.NormalizedPath, $"the base address of {provider.Name}"), key);

    /// <summary>An upstream that the operator named.</summary>
    internal static ChosenUpstream Named(string name, UpstreamOverride upstream, OperatorKey? key) =>
        new(upstream, UpstreamChoice.Named, name, isKnownHost: true, new(upstream.Path, $"{HeadroomOptions.SectionName}:Upstreams:{name}"), key);

    /// <summary>What the policy allows at the upstream's origin; computed when it is first needed.</summary>
    internal UpstreamGrant GrantBy(UpstreamPolicy policy) =>
        _grant ??= Opened is { } path ? UpstreamGrant.Operator(path) : policy.GrantFor(Upstream);

    /// <summary>Whether a URL is at or below what the operator opened. Anything odd about it makes it another one.</summary>
    internal bool Opens(Uri uri) =>
        Opened is { } path
        && uri.Scheme == Upstream.Scheme
        && uri.Host == Upstream.Host
        && uri.Port == Upstream.Port
        && uri.UserInfo.Length == 0
        && PathRules.Check(uri.AbsolutePath) is null
        && PathSegments.IsAtOrBelow(uri.AbsolutePath, path.Path);
}
