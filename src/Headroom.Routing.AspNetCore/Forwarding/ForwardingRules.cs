using System.Net;
using Headroom.Routing.AspNetCore.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>How requests are forwarded, compiled from one state of the options. Immutable: a request that began with one ends with it.</summary>
internal sealed class ForwardingRules
{
    private readonly ForwarderRequestConfig _http2OrLower;
    private readonly ForwarderRequestConfig _http11;
    private readonly HashSet<string> _http11Origins;

    internal ForwardingRules(CompiledOptions compiled, IEnumerable<Provider> providers)
    {
        var options = compiled.Options;
        Source = compiled;
        Browsers = new BrowserRules(options.AllowedOrigins);
        RequestHeaders = HeaderRules.ForRequests(options.StripRequestHeaders, options.AlsoStripRequestHeaders);
        ResponseHeaders = HeaderRules.ForResponses(options.StripResponseHeaders, options.AlsoStripResponseHeaders);
        _http11Origins = Http11Origins(options, providers);
        _http2OrLower = new ForwarderRequestConfig
        {
            ActivityTimeout = options.IdleTimeout,
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        _http11 = _http2OrLower with { Version = HttpVersion.Version11 };
    }

    /// <summary>The options that the rules were compiled from. The rules apply as long as these are current.</summary>
    internal CompiledOptions Source { get; }

    internal BrowserRules Browsers { get; }

    internal HeaderRules RequestHeaders { get; }

    internal HeaderRules ResponseHeaders { get; }

    internal ForwarderRequestConfig ConfigFor(UpstreamTarget target) => _http11Origins.Contains(target.Origin) ? _http11 : _http2OrLower;

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
