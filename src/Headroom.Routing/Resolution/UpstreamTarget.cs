using System.Diagnostics;
using Headroom.Routing.Resolution;
using Headroom.Routing.Upstreams;

namespace Headroom.Routing;

/// <summary>Where a request goes, after it was resolved and judged. Only <see cref="UpstreamResolver"/> makes one, so what was not judged can't be sent.</summary>
[DebuggerDisplay("{Choice} {Origin}")]
public sealed class UpstreamTarget
{
    private readonly ChosenUpstream _chosen;

    internal UpstreamTarget(Uri uri, ChosenUpstream chosen, Provider? provider, UpstreamTrust trust)
    {
        _chosen = chosen;
        Uri = uri;
        Provider = provider;
        Trust = trust;
    }

    /// <summary>The URL to request, its path and query as the caller sent them. It may hold a key in its query, so it is not for logs.</summary>
    /// <remarks>
    /// Use this very object, or <see cref="Uri.OriginalString"/>: <c>new Uri(string)</c> canonicalizes the path again (<c>%2F</c>, dot segments),
    /// and what would then be requested is not what was judged.
    /// </remarks>
    public Uri Uri { get; }

    /// <summary>Scheme, host and, where it is not the scheme's default, port.</summary>
    public string Origin => Upstream.Origin;

    /// <summary>
    /// What the operator or the catalog calls the upstream: its name in <c>Headroom:Upstreams</c>, the provider that has it as its base address, its name in the
    /// catalog, or the host of an exact entry of <c>Headroom:AllowedUpstreams</c>; <see langword="null"/> if it is none of these. However many hosts
    /// callers name, the names are few.
    /// </summary>
    public string? Name => _chosen.Name;

    /// <summary>The provider that the request's path or credentials belong to; <see langword="null"/> if none.</summary>
    public Provider? Provider { get; }

    /// <summary>Who chose the upstream.</summary>
    public UpstreamChoice Choice => _chosen.Choice;

    /// <summary>Which addresses the request may reach.</summary>
    public UpstreamTrust Trust { get; }

    /// <summary>Whether the request gets a key of the operator's (<see cref="UpstreamOptions.Headers"/>), which replaces the caller's credentials.</summary>
    public bool HasOperatorKey => Key is not null;

    internal UpstreamOverride Upstream => _chosen.Upstream;

    internal OperatorKey? Key => _chosen.Key;

    /// <summary>Whether the host is one of few, whatever callers send.</summary>
    internal bool IsKnownHost => _chosen.IsKnownHost;

    /// <summary>The path to request, as it is sent.</summary>
    internal ReadOnlySpan<char> Path
    {
        get
        {
            var path = Uri.OriginalString.AsSpan(Origin.Length);
            var query = path.IndexOf('?');
            return query < 0 ? path : path[..query];
        }
    }

    /// <summary>The same target by another address rule.</summary>
    internal UpstreamTarget By(UpstreamTrust trust) => trust == Trust ? this : new(Uri, _chosen, Provider, trust);

    /// <summary>The operator's key for a request as it leaves; <see langword="null"/> if it does not belong to that URL.</summary>
    internal OperatorKey? KeyFor(Uri uri) => Key is { } key && _chosen.Opens(uri) ? key : null;
}
