using System.Diagnostics;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Headroom.HostApp;

/// <summary>
/// Metrics for Prometheus if the setting <c>Prometheus</c> is true; traces, metrics and logs over OTLP if OpenTelemetry's environment variables name an
/// endpoint. Whoever listens costs CPU on each request, so nothing is set up that was not asked for.
/// </summary>
internal static class Telemetry
{
    /// <summary>The name of the library's meter and of its source of spans.</summary>
    private const string Library = "Headroom.Routing";

    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        var prometheus = IsPrometheusOn(builder.Configuration);
        var traces = OtlpOptions(builder.Configuration, "TRACES");
        var metrics = OtlpOptions(builder.Configuration, "METRICS");
        var logs = OtlpOptions(builder.Configuration, "LOGS");
        if (!prometheus && traces is null && metrics is null && logs is null)
        {
            return;
        }

        // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES come last, and so they win.
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("headroom").AddEnvironmentVariableDetector());

        if (prometheus || metrics is not null)
        {
            telemetry.WithMetrics(meters =>
            {
                meters.AddMeter(Library, "System.Runtime");
                if (prometheus)
                {
                    meters.AddPrometheusExporter();
                }

                if (metrics is not null)
                {
                    meters.AddOtlpExporter(metrics);
                }
            });
        }

        if (traces is not null)
        {
            // The library's own span stands in for HttpClient's, whose instrumentation would send trace context and baggage to upstreams.
            telemetry.WithTracing(spans => spans
                .AddSource(Library)
                .AddAspNetCoreInstrumentation(requests => requests.Filter = static context => !IsProbe(context.Request.Path))
                .AddProcessor(new RedactionProcessor())
                .AddOtlpExporter(traces));
        }

        if (logs is not null)
        {
            telemetry.WithLogging(lines => lines.AddOtlpExporter(logs), options => options.IncludeFormattedMessage = true);
        }
    }

    /// <summary>Maps <c>/metrics</c> if it was asked for.</summary>
    public static void MapMetrics(this WebApplication app)
    {
        if (IsPrometheusOn(app.Configuration))
        {
            // After the gateway's routes, because upstreams have that path too: a request that names one is forwarded.
            app.MapPrometheusScrapingEndpoint("/metrics", meterProvider: null, pipeline => pipeline.Use(RefusePages), optionsName: null).WithOrder(int.MaxValue);
        }
    }

    private static bool IsPrometheusOn(IConfiguration configuration) => configuration.GetValue<bool>("Prometheus");

    /// <summary>
    /// What OpenTelemetry's variables say about one signal beyond what they say about all. The exporter reads the latter by itself; the former it reads
    /// only if it exports all signals.
    /// </summary>
    /// <returns>Null if the signal is not exported.</returns>
    private static Action<OtlpExporterOptions>? OtlpOptions(ConfigurationManager configuration, string signal)
    {
        var own = $"OTEL_EXPORTER_OTLP_{signal}_";
        var name = Value(own + "ENDPOINT") is null ? "OTEL_EXPORTER_OTLP_ENDPOINT" : own + "ENDPOINT";
        if (Value(name) is not { } address || Value($"OTEL_{signal}_EXPORTER") is "none")
        {
            return null;
        }

        // The exporter would fall back to its default without a word.
        if (!Uri.TryCreate(address, UriKind.Absolute, out var endpoint) || endpoint.Scheme is not ("http" or "https"))
        {
            throw new OptionsValidationException("", typeof(OtlpExporterOptions), [$"{name} must be a URL such as http://localhost:4317."]);
        }

        return options =>
        {
            options.Headers = Value(own + "HEADERS") ?? options.Headers;
            options.Protocol = Value(own + "PROTOCOL") switch
            {
                null => options.Protocol,
                "grpc" => OtlpExportProtocol.Grpc,
                _ => OtlpExportProtocol.HttpProtobuf,
            };
            if (name.StartsWith(own, StringComparison.Ordinal))
            {
                options.Endpoint = endpoint;
            }
        };

        // An empty variable counts as none.
        string? Value(string variable) => configuration[variable] is { Length: > 0 } value ? value : null;
    }

    // They come every few seconds and tell nothing.
    private static bool IsProbe(PathString path) => path.Value is "/healthz" or "/readyz" or "/metrics";

    // A browser says for whom it asks: a person who typed the address has "none", and everything that is not a browser says nothing.
    private static Task RefusePages(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Headers.Origin.Count == 0 && context.Request.Headers["Sec-Fetch-Site"].ToString() is "" or "none")
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }

    /// <summary>Removes what the caller wrote before a span is exported, because it may hold a key: Gemini's clients have theirs in the query.</summary>
    private sealed class RedactionProcessor : BaseProcessor<Activity>
    {
        private static readonly string[] Tags = ["url.path", "url.query", "user_agent.original", "http.request.method_original"];

        public override void OnEnd(Activity span)
        {
            foreach (var tag in Tags)
            {
                span.SetTag(tag, null);
            }

            span.TraceStateString = null;
        }
    }
}
