using System.Net;
using Headroom.Routing.AspNetCore.Configuration;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>How requests are forwarded, compiled from one state of the options. Immutable: a request that began with one ends with it.</summary>
internal sealed class ForwardingRules
{
    private readonly HashSet<string> _http11Origins;

    internal ForwardingRules(CompiledOptions compiled, IEnumerable<Provider> providers)
    {
        var options = compiled.Options;
        Source = compiled;
        Browsers = new BrowserRules(options.AllowedOrigins);
        RequestHeaders = HeaderRules.ForRequests(options.StripRequestHeaders, options.AlsoStripRequestHeaders);
        ResponseHeaders = HeaderRules.ForResponses(options.StripResponseHeaders, options.AlsoStripResponseHeaders);
        _http11Origins = Http11Origins(options, providers);
        IdleTimeout = options.IdleTimeout;
        RevealUpstream = options.RevealUpstream;
        PropagateTraceContext = options.PropagateTraceContext;
    }

    /// <summary>The options that the rules were compiled from. The rules apply as long as these are current.</summary>
    internal CompiledOptions Source { get; }

    internal BrowserRules Browsers { get; }

    internal HeaderRules RequestHeaders { get; }

    internal HeaderRules ResponseHeaders { get; }

    /// <summary>How long a request may go without a byte in either direction.</summary>
    internal TimeSpan IdleTimeout { get; }

    /// <summary>Whether answers tell the upstream that gave them.</summary>
    internal bool RevealUpstream { get; }

    /// <summary>Whether the operator's upstreams are told of the app's trace.</summary>
    internal bool PropagateTraceContext { get; }

    /// <summary>The highest version of HTTP that a target's server is spoken to in.</summary>
    internal Version VersionFor(UpstreamTarget target) => _http11Origins.Contains(target.Origin) ? HttpVersion.Version11 : HttpVersion.Version20;

    // By origin and not by provider: the server mistreats HTTP/2, whichever API a request to it speaks.
    private static HashSet<string> Http11Origins(HeadroomProxyOptions options, IEnumerable<Provider> providers)
    {
        var origins = new HashSet<string>(StringComparer.Ordinal);
        foreach (var provider in providers.Where(provider => provider.Http11Only))
        {
            foreach (var address in (string?[])[provider.BaseAddress, options.Providers.TryGetValue(provider.Name, out var settings) ? settings.BaseAddress : null])
            {
                if (UpstreamOverride.TryParse(address, out var upstream))
                {
                    origins.Add(upstream.Origin);
                }
            }
        }

        return origins;
    }
}
