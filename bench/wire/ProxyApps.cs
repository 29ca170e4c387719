using System.Net;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using Yarp.ReverseProxy.Configuration;

namespace Headroom.Routing.Wire;

/// <summary>The .NET proxies that are compared, each as small as its users would write it. HostApp is run as it is.</summary>
internal static class ProxyApps
{
    /// <param name="mode">Which of them.</param>
    /// <param name="args"><c>--port N --upstream URL --content-root FOLDER</c>, and settings of the app's.</param>
    internal static WebApplication Build(string mode, string[] args)
    {
        var options = new ConfigurationBuilder().AddCommandLine(args).Build();
        var upstream = options["upstream"]!;
        var builder = mode == Mode.ForwarderHost.Name ? LikeHostApp(options["content-root"]!) : Bare(args);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, options.GetValue<int>("port"));
            if (!Mode.All.Single(one => one.Name == mode).IsHeadroom)
            {
                // Of 30 MB otherwise; the library lifts it itself.
                kestrel.Limits.MaxRequestBodySize = null;
            }
        });

        return mode == Mode.Forwarder.Name || mode == Mode.ForwarderHost.Name ? Forwarder(builder, upstream)
            : mode == Mode.Yarp.Name ? Yarp(builder, upstream)
            : mode == Mode.Headroom.Name ? Headroom(builder)
            : mode == Mode.HeadroomMetrics.Name ? Headroom(WithMetrics(builder))
            : mode == Mode.HeadroomLog.Name ? Headroom(WithRequestLog(builder))
            : throw new ArgumentException($"There is no app {mode}.", nameof(mode));
    }

    // Nothing logs. A logger that listens makes the host start an activity and a scope for each request.
    private static WebApplicationBuilder Bare(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.Logging.ClearProviders();
        return builder;
    }

    // HostApp's own settings: levels of the console's logger, host names that are answered to.
    private static WebApplicationBuilder LikeHostApp(string contentRoot)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = contentRoot });
        builder.Services.AddHealthChecks();

        // At HostApp's levels YARP prints two lines for each request, which the library keeps it from doing: that is not to be compared.
        builder.Logging.AddFilter("Yarp", LogLevel.Warning);
        return builder;
    }

    private static WebApplication Forwarder(WebApplicationBuilder builder, string upstream)
    {
        builder.Services.AddHttpForwarder();
        var hasHealthChecks = builder.Services.Any(service => service.ServiceType == typeof(Microsoft.Extensions.Diagnostics.HealthChecks.HealthCheckService));
        var app = builder.Build();
        if (hasHealthChecks)
        {
            app.MapHealthChecks("/healthz");
        }

        app.MapForwarder("/{**path}", upstream);
        return app;
    }

    private static WebApplication Yarp(WebApplicationBuilder builder, string upstream)
    {
        var route = new RouteConfig { RouteId = "all", ClusterId = "upstream", Match = new RouteMatch { Path = "/{**path}" } };
        var cluster = new ClusterConfig
        {
            ClusterId = "upstream",
            Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = upstream } },
        };
        builder.Services.AddReverseProxy().LoadFromMemory([route], [cluster]);
        var app = builder.Build();
        app.MapReverseProxy();
        return app;
    }

    private static WebApplicationBuilder WithMetrics(WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(Sdk.CreateMeterProviderBuilder().AddMeter("Headroom.Routing").AddReader(new BaseExportingMetricReader(new NoExporter())).Build());
        return builder;
    }

    // The host's own lines, and its activity for each request, are not what is measured.
    private static WebApplicationBuilder WithRequestLog(WebApplicationBuilder builder)
    {
        builder.Logging.AddConsole().AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None).AddFilter("Microsoft", LogLevel.Warning);
        return builder;
    }

    private static WebApplication Headroom(WebApplicationBuilder builder)
    {
        builder.Services.AddHeadroomProxy();
        var app = builder.Build();
        app.MapHeadroomRoutes();
        return app;
    }

    private sealed class NoExporter : BaseExporter<Metric>
    {
        public override ExportResult Export(in Batch<Metric> batch) => ExportResult.Success;
    }
}
