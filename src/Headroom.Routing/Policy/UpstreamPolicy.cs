using System.Net;
using Headroom.Routing.Upstreams;

namespace Headroom.Routing.Policy;

/// <summary>Which upstreams a caller may choose: the operator's allow-list, bases and named upstreams, and the catalog. Immutable.</summary>
internal sealed class UpstreamPolicy
{
    private static readonly Refusal NotListed = NotAllowed.Because("no entry of the allow-list covers it");

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

    /// <summary>What the caller may reach at an upstream's origin.</summary>
    internal UpstreamGrant GrantFor(UpstreamOverride upstream)
    {
        List<OpenedPath> exact = [];
        List<OpenedPath> wildcard = [];
        foreach (var entry in _entries)
        {
            if (entry.CoversOrigin(upstream))
            {
                (entry.IsWildcard ? wildcard : exact).Add(new(entry.Path, entry.Key));
            }
        }

        if (_allowCatalog && UpstreamCatalog.HoldsOrigin(upstream))
        {
            wildcard.Add(new("", "the catalog"));
        }

        var refusal = RefusalAsPublic(upstream);
        return refusal is null && IsProxied(upstream)
            ? new UpstreamGrant([.. exact, .. wildcard], [], null)
            : new UpstreamGrant([.. exact], [.. wildcard], refusal);
    }

    /// <summary>
    /// Decides whether a request may go to a path at an origin, and by which address rule. What counts is the URL that would be requested, not what the caller wrote.
    /// </summary>
    /// <param name="grant">What <see cref="GrantFor"/> said of the origin.</param>
    /// <param name="path">The path that would be requested.</param>
    /// <param name="trust">The address rule.</param>
    /// <param name="openedBy">What opens the path; <see langword="null"/> if nothing does.</param>
    /// <returns>Why it may not; <see langword="null"/> if it may.</returns>
    internal static Refusal? Judge(UpstreamGrant grant, ReadOnlySpan<char> path, out UpstreamTrust trust, out string? openedBy)
    {
        // A literal host goes before a wildcard.
        openedBy = Find(path, grant.OperatorPaths);
        trust = openedBy is not null ? UpstreamTrust.Operator : UpstreamTrust.Public;
        if (trust == UpstreamTrust.Operator)
        {
            return null;
        }

        openedBy = Find(path, grant.PublicPaths);
        return openedBy is not null ? grant.NotPublic : NotListed;
    }

    private static string? Find(ReadOnlySpan<char> path, OpenedPath[] opened)
    {
        foreach (var one in opened)
        {
            if (PathSegments.IsAtOrBelow(path, one.Path))
            {
                return one.By;
            }
        }

        return null;
    }

    // Judges what is known before a name is resolved. The addresses are judged by GuardedConnect.
    private Refusal? RefusalAsPublic(UpstreamOverride upstream)
    {
        if (upstream.Address is { } address)
        {
            return AddressRules.IsPublic(address) ? RefusalByProxy(upstream) : NotAllowed.Because("the address is not public");
        }

        return RefusedNames.IsRefused(upstream.Host)
            ? NotAllowed.Because("the name is an internal one")
            : RefusalByProxy(upstream);
    }

    private Refusal? RefusalByProxy(UpstreamOverride upstream) => !_trustEgressProxy && IsProxied(upstream)
        ? NotAllowed.Because("it would go through the egress proxy, where its address can't be judged (Headroom:TrustEgressProxy)")
        : null;

    private bool IsProxied(UpstreamOverride upstream) => IsProxied(_egressProxy(), new Uri(upstream.Origin));

    /// <summary>Whether requests to a URL go through a proxy.</summary>
    internal static bool IsProxied(IWebProxy? proxy, Uri uri) =>
        proxy is not null && !proxy.IsBypassed(uri) && proxy.GetProxy(uri) is { } address && address != uri;
}
