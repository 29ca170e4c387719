using Headroom.Routing.Policy;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Headroom.Routing.AspNetCore.Configuration;

/// <summary>Compiles the options and builds the clients before the server listens, so that an error stops the start rather than a request.</summary>
internal sealed partial class StartupCheck(CurrentOptions options, IEgressProxySource egress, ILogger<StartupCheck> logger) : IHostedLifecycleService
{
    private static readonly Uri AnyCatalogHost = new(KnownProviders.All[0].BaseAddress!);

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        var settings = options.Options;
        var isProxied = UpstreamPolicy.IsProxied(egress.Proxy, AnyCatalogHost);
        if (logger.IsEnabled(LogLevel.Information))
        {
            Log.Started(
                logger,
                string.Join(", ", options.Providers.Where(provider => settings.IsEnabled(provider.Name)).Select(provider => provider.Name)),
                settings.Upstreams.Count,
                settings.AllowedUpstreams.Count,
                settings.AllowCatalog ? "on" : "off",
                settings.VerbatimMount is "" ? "none" : settings.VerbatimMount,
                isProxied ? "yes" : "none");
        }

        if (isProxied && !settings.TrustEgressProxy)
        {
            Log.EgressProxyInForce(logger);
        }

        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(
            12, LogLevel.Warning,
            "Outgoing requests go through an egress proxy, which hides the addresses of upstreams: wildcard entries of Headroom:AllowedUpstreams and the catalog are refused until Headroom:TrustEgressProxy is true.",
            EventName = "EgressProxyInForce")]
        internal static partial void EgressProxyInForce(ILogger logger);

        [LoggerMessage(
            14, LogLevel.Information,
            "Providers: {Providers}. Named upstreams: {Upstreams}, allowed entries: {Entries}, catalog: {Catalog}, verbatim mount: {Mount}, egress proxy: {Proxy}.",
            EventName = "Started", SkipEnabledCheck = true)]
        internal static partial void Started(ILogger logger, string providers, int upstreams, int entries, string catalog, string mount, string proxy);
    }
}
