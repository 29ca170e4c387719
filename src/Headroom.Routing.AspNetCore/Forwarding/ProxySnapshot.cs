using System.Net;
using Headroom.Routing.Providers;
using Headroom.Routing.Resolution;
using Headroom.Routing.Upstreams;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Forwarder;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>Everything that a request needs of the options, compiled once. Immutable: a request that began with one ends with it.</summary>
internal sealed class ProxySnapshot
{
    private readonly ForwarderRequestConfig _http2OrLower;
    private readonly ForwarderRequestConfig _http11;

    private readonly HashSet<string> _http11Origins;

    private ProxySnapshot(HeadroomProxyOptions options, UpstreamResolver resolver, Provider[] additional)
    {
        Resolver = resolver;
        _http11Origins = Http11Origins(options, KnownProviders.All.Concat(additional));
        Browsers = new BrowserRules(options.AllowedOrigins);
        RequestHeaders = HeaderRules.ForRequests(options.StripRequestHeaders);
        ResponseHeaders = HeaderRules.ForResponses(options.StripResponseHeaders);
        _http2OrLower = new ForwarderRequestConfig
        {
            ActivityTimeout = options.IdleTimeout,
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        _http11 = _http2OrLower with { Version = HttpVersion.Version11 };
    }

    internal UpstreamResolver Resolver { get; }

    internal BrowserRules Browsers { get; }

    internal HeaderRules RequestHeaders { get; }

    internal HeaderRules ResponseHeaders { get; }

    internal ForwarderRequestConfig ConfigFor(UpstreamTarget target) => _http11Origins.Contains(target.Origin) ? _http11 : _http2OrLower;

    /// <exception cref="OptionsValidationException">The options hold faults.</exception>
    internal static void ThrowIfInvalid(HeadroomProxyOptions options, Provider[] additional) => Compile(options, additional, null);

    /// <exception cref="OptionsValidationException">The options hold faults.</exception>
    internal static ProxySnapshot Compile(HeadroomProxyOptions options, Provider[] additional, IWebProxy? egressProxy)
    {
        var compiled = ResolverCompiler.TryCompile(options, additional, egressProxy, out var resolver, out var faults);
        AddTimeoutFault(options.ConnectTimeout, nameof(options.ConnectTimeout));
        AddTimeoutFault(options.IdleTimeout, nameof(options.IdleTimeout));
        if (options.IdleConnectionTimeout is { } idle)
        {
            AddTimeoutFault(idle, nameof(options.IdleConnectionTimeout));
        }

        foreach (var origin in options.AllowedOrigins)
        {
            AddFault(BrowserRules.IsOrigin(origin), nameof(options.AllowedOrigins), "holds what is neither '*' nor an origin such as https://chat.example.com.");
        }

        AddBlankFault(options.StripRequestHeaders, nameof(options.StripRequestHeaders));
        AddBlankFault(options.StripResponseHeaders, nameof(options.StripResponseHeaders));
        return compiled && faults.Count == 0
            ? new ProxySnapshot(options, resolver!, additional)
            : throw new OptionsValidationException(HeadroomOptions.SectionName, typeof(HeadroomProxyOptions), faults);

        // A bare number counts days, and timers hold 24 of them.
        void AddTimeoutFault(TimeSpan timeout, string key) => AddFault(
            timeout > TimeSpan.Zero && timeout.TotalMilliseconds <= int.MaxValue, key, "must be longer than zero and shorter than 24 days, such as 00:00:10.");

        void AddBlankFault(IEnumerable<string?>? names, string key) =>
            AddFault(names?.Any(string.IsNullOrWhiteSpace) != true, key, "holds a name that is blank.");

        void AddFault(bool holds, string key, string fault)
        {
            if (!holds)
            {
                faults.Add($"{HeadroomOptions.SectionName}:{key}: {fault}");
            }
        }
    }

    // By origin, not by whose API a request speaks: it is the host that mistreats HTTP/2, whoever sends a request there.
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
