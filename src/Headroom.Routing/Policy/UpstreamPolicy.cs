using System.Net;
using Headroom.Routing.Upstreams;

namespace Headroom.Routing.Policy;

/// <summary>Which upstreams a caller may choose: the operator's allow-list, bases and named upstreams, and the catalog. Immutable.</summary>
internal sealed class UpstreamPolicy
{
    private readonly AllowedUpstream[] _entries;
    private readonly bool _allowCatalog;
    private readonly Func<IWebProxy?> _egressProxy;
    private readonly bool _trustEgressProxy;

    /// <param name="entries">The allow-list, and an exact entry for each base and upstream of the operator's.</param>
    /// <param name="allowCatalog">Whether the catalog's hosts are allowed.</param>
    /// <param name="egressProxy">Tells the proxy that outgoing requests go through, if any. Asked when the first request comes for an origin.</param>
    /// <param name="trustEgressProxy">Whether that proxy is trusted to refuse internal addresses.</param>
    internal UpstreamPolicy(IEnumerable<AllowedUpstream> entries, bool allowCatalog, Func<IWebProxy?> egressProxy, bool trustEgressProxy)
    {
        _entries = [.. entries];
        _allowCatalog = allowCatalog;
        _egressProxy = egressProxy;
        _trustEgressProxy = trustEgressProxy;
    }

    /// <summary>A policy with entries of its own behind the same egress proxy.</summary>
    internal UpstreamPolicy Of(IEnumerable<AllowedUpstream> entries, bool allowCatalog) => new(entries, allowCatalog, _egressProxy, _trustEgressProxy);

    /// <summary>What the caller may reach at an upstream's origin.</summary>
    internal UpstreamGrant GrantFor(UpstreamOverride upstream)
    {
        List<OpenedPath> exact = [];
        List<OpenedPath> wildcard = [];
        foreach (var entry in _entries)
        {
            if (entry.CoversOrigin(upstream))
            {
                (entry.IsWildcard ? wildcard : exact).Add(new(entry.Path, entry.Key, entry.Text));
            }
        }

        if (_allowCatalog && UpstreamCatalog.HoldsOrigin(upstream))
        {
            wildcard.Add(new("", "the catalog"));
        }

        var notPublic = WhyNotPublic(upstream);
        return notPublic is null && IsProxied(upstream)
            ? new UpstreamGrant([.. exact, .. wildcard], [], null)
            : new UpstreamGrant([.. exact], [.. wildcard], notPublic);
    }

    /// <summary>
    /// Decides whether a request may go to a path at an origin, and by which address rule. What counts is the URL that would be requested, not what the caller wrote.
    /// </summary>
    /// <param name="grant">What <see cref="GrantFor"/> said of the origin.</param>
    /// <param name="path">The path that would be requested.</param>
    /// <param name="trust">The address rule.</param>
    /// <param name="opened">What opens the path; <see langword="null"/> if nothing does.</param>
    /// <returns>Why it may not; <see langword="null"/> if it may.</returns>
    internal static Refusal? Judge(UpstreamGrant grant, ReadOnlySpan<char> path, out UpstreamTrust trust, out OpenedPath? opened)
    {
        // A literal host goes before a wildcard.
        opened = Find(path, grant.OperatorPaths);
        trust = opened is not null ? UpstreamTrust.Operator : UpstreamTrust.Public;
        if (trust == UpstreamTrust.Operator)
        {
            return null;
        }

        opened = Find(path, grant.PublicPaths);
        return opened is null ? NotOpened(grant)
            : grant.NotPublic is { } cause ? NotAllowed.Because($"{opened.Value.By} covers it for public addresses only, and {cause}")
            : null;
    }

    private static Refusal NotOpened(UpstreamGrant grant)
    {
        var elsewhere = string.Join(", ", grant.Paths.Select(opened => opened.By));
        return NotAllowed.Because(elsewhere.Length == 0 ? "no entry of the allow-list covers it" : $"this path is not covered by {elsewhere}");
    }

    private static OpenedPath? Find(ReadOnlySpan<char> path, OpenedPath[] opened)
    {
        foreach (var one in opened)
        {
            if (PathSegments.IsAtOrBelow(path, one.Path))
            {
                return one;
            }
        }

        return null;
    }

    // Judges what is known before a name is resolved. The addresses are judged by GuardedConnect.
    private string? WhyNotPublic(UpstreamOverride upstream) =>
        upstream.Address is { } address && !AddressRules.IsPublic(address) ? "the address is not public"
        : upstream.Address is null && RefusedNames.IsRefused(upstream.Host) ? "the name is an internal one"
        : !_trustEgressProxy && IsProxied(upstream) ? "behind the egress proxy its address can't be judged (Headroom:TrustEgressProxy)"
        : null;

    private bool IsProxied(UpstreamOverride upstream) => IsProxied(_egressProxy(), new Uri(upstream.Origin));

    /// <summary>Whether requests to a URL go through a proxy.</summary>
    internal static bool IsProxied(IWebProxy? proxy, Uri uri) =>
        proxy is not null && !proxy.IsBypassed(uri) && proxy.GetProxy(uri) is { } address && address != uri;
}
