using System.Diagnostics;

namespace Headroom.Routing;

/// <summary>Where a request goes, after it was resolved and judged. Only <see cref="UpstreamResolver"/> makes one, so what was not judged can't be sent.</summary>
[DebuggerDisplay("{Choice} {Origin}")]
public sealed class UpstreamTarget
{
    internal UpstreamTarget(Uri uri, UpstreamOverride upstream, Provider? provider, UpstreamChoice choice, UpstreamTrust trust)
    {
        Uri = uri;
        Upstream = upstream;
        Provider = provider;
        Choice = choice;
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

    /// <summary>The provider that the request's path or credentials belong to; <see langword="null"/> if none.</summary>
    public Provider? Provider { get; }

    /// <summary>Who chose the upstream.</summary>
    public UpstreamChoice Choice { get; }

    /// <summary>Which addresses the request may reach.</summary>
    public UpstreamTrust Trust { get; }

    internal UpstreamOverride Upstream { get; }
}
