using System.Collections.Concurrent;
using System.Text;
using Headroom.HostApp;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Headroom.Routing.AspNetCore.Tests.Samples;

/// <summary>What the sample app tells to Prometheus and over OTLP. Not in parallel, because OpenTelemetry listens to the whole process.</summary>
[TestClass]
[DoNotParallelize]
public sealed class TelemetryTests
{
    [TestMethod]
    public async Task Nothing_listens_that_nobody_asked_for()
    {
        await using var app = await StartAsync("--OTEL_EXPORTER_OTLP_ENDPOINT=");

        Assert.IsNull(app.Services.GetService<MeterProvider>());
        Assert.IsNull(app.Services.GetService<TracerProvider>());
        Assert.IsNull(app.Services.GetService<LoggerProvider>());
        Assert.AreEqual(404, await StatusAsync(app, "GET /metrics"));
    }

    [TestMethod]
    [DataRow(200)]
    [DataRow(200, "Sec-Fetch-Site: none", "Sec-Fetch-Mode: navigate")]
    [DataRow(403, "Sec-Fetch-Site: cross-site")]
    [DataRow(403, "Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: navigate")]
    [DataRow(403, "Sec-Fetch-Site: same-origin")]
    [DataRow(403, "Origin: http://localhost:3000")]
    public async Task Metrics_are_for_a_scraper_and_a_person_but_not_for_web_pages(int status, params string[] headers)
    {
        await using var app = await StartAsync("--Prometheus=true");

        Assert.AreEqual(status, await StatusAsync(app, "GET /metrics", ["Host: localhost", .. headers]));
        Assert.AreEqual(400, await StatusAsync(app, "GET /metrics", ["Host: rebound.example", .. headers]));
    }

    [TestMethod]
    public async Task A_request_for_the_metrics_of_an_upstream_goes_there()
    {
        await using var upstream = RawUpstream.Start(exchange => exchange.RespondAsync(418));
        await using var app = await StartAsync("--Prometheus=true", $"--Headroom:AllowedUpstreams:0={upstream.Address}");

        Assert.AreEqual(418, await StatusAsync(app, "GET /metrics", "Host: localhost", $"X-Headroom-Upstream: {upstream.Address}"));
        Assert.AreEqual("/metrics", (await upstream.NextRequestAsync()).Target);
    }

    [TestMethod]
    public async Task Spans_metrics_and_logs_go_to_the_endpoint_without_what_the_caller_wrote()
    {
        await using var collector = await Collector.StartAsync();
        await using var upstream = RawUpstream.Start();
        await using (var app = await StartAsync(
            $"--OTEL_EXPORTER_OTLP_ENDPOINT={collector.Address}", "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "--OTEL_SERVICE_NAME=my-gateway",
            $"--Headroom:Upstreams:lab={upstream.Address}"))
        {
            string[] secrets =
            [
                "Host: localhost", "Authorization: Bearer S3CRET", "Cookie: a=S3CRET", "User-Agent: S3CRET", "Baggage: a=S3CRET", "X-S3CRET: S3CRET",
                "Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "Tracestate: a=S3CRET",
            ];
            Assert.AreEqual(200, await StatusAsync(app, "S3CRET /@lab/S3CRET?S3CRET=1&key=S3CRET", secrets));
            Assert.AreEqual(400, await StatusAsync(app, "GET /@lap/S3CRET?key=S3CRET", secrets));
            Assert.AreEqual(404, await StatusAsync(app, "GET /S3CRET?key=S3CRET"));
            Assert.AreEqual(200, await StatusAsync(app, "GET /readyz"));
            await app.StopAsync();
        }

        Assert.Contains("/@{name}/{**rest}", collector.Received["/v1/traces"]);
        Assert.Contains("headroom.choice", collector.Received["/v1/traces"]);
        Assert.DoesNotContain("/readyz", collector.Received["/v1/traces"]);
        Assert.Contains("headroom.request.duration", collector.Received["/v1/metrics"]);
        Assert.Contains("Headroom.Routing.Requests", collector.Received["/v1/logs"]);
        foreach (var (path, received) in collector.Received)
        {
            Assert.Contains("my-gateway", received);
            Assert.DoesNotContain("S3CRET", received, path);
        }
    }

    [TestMethod]
    [DataRow("/v1/logs /v1/traces", "OTEL_EXPORTER_OTLP_ENDPOINT={0}", "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "OTEL_METRICS_EXPORTER=none")]
    [DataRow("/mine", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT={0}mine", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/protobuf", "OTEL_EXPORTER_OTLP_TRACES_HEADERS=x-token=t0ken")]
    [DataRow("/v1/logs /v1/metrics /v1/traces", "OTEL_EXPORTER_OTLP_ENDPOINT={0}", "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "Prometheus=true")]
    public async Task Each_signal_has_its_own_switch_and_address(string paths, params string[] settings)
    {
        await using var collector = await Collector.StartAsync();
        await using var upstream = RawUpstream.Start();
        await using (var app = await StartAsync(
            [$"--Headroom:Upstreams:lab={upstream.Address}", .. settings.Select(setting => "--" + string.Format(null, setting, collector.Address))]))
        {
            Assert.AreEqual(200, await StatusAsync(app, "GET /@lab/models"));
            await app.StopAsync();
        }

        Assert.AreEqual(paths, string.Join(" ", collector.Received.Keys.Order(StringComparer.Ordinal)));
        Assert.AreEqual(paths == "/mine" ? "t0ken" : "", collector.Token);
    }

    [TestMethod]
    [DataRow("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4317")]
    [DataRow("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "/v1/logs")]
    public void An_endpoint_that_is_no_URL_stops_the_start(string name, string value)
    {
        var thrown = Assert.ThrowsExactly<OptionsValidationException>(() => Program.Build([$"--{name}={value}"]));

        Assert.StartsWith(name, thrown.Message);
    }

    private static async Task<WebApplication> StartAsync(params string[] args)
    {
        var app = Program.Build(
            [
                "--urls=http://127.0.0.1:0", "--environment=Production", "--ShutdownDelay=00:00:00", "--Logging:Console:LogLevel:Default=None",
                "--Logging:LogLevel:Headroom.Routing.Requests=Debug", .. args,
            ]);
        await app.StartAsync();
        return app;
    }

    private static async Task<int> StatusAsync(WebApplication app, string request, params string[] headers)
    {
        await using var client = await RawClient.ConnectAsync(new Uri(app.Urls.Single()));
        await client.SendAsync($"{request} HTTP/1.1\r\n{string.Concat((headers is [] ? ["Host: localhost"] : headers).Select(header => header + "\r\n"))}\r\n");
        var response = await client.ReadResponseAsync();
        await response.ReadToEndAsync();
        return response.Status;
    }

    /// <summary>An OTLP collector that keeps what it receives at each path, as text in which strings can be found.</summary>
    private sealed class Collector(KestrelUpstream server, ConcurrentDictionary<string, string> received, ConcurrentBag<string> tokens) : IAsyncDisposable
    {
        public Uri Address => server.Address;

        public IReadOnlyDictionary<string, string> Received => received;

        public string Token => tokens.Distinct().Single();

        public static async Task<Collector> StartAsync()
        {
            var received = new ConcurrentDictionary<string, string>();
            var tokens = new ConcurrentBag<string>();
            var server = await KestrelUpstream.StartAsync(async context =>
            {
                using var body = new MemoryStream();
                await context.Request.Body.CopyToAsync(body);
                tokens.Add(context.Request.Headers["x-token"].ToString());
                received.AddOrUpdate(context.Request.Path.Value!, _ => Latin1(), (_, before) => before + Latin1());

                string Latin1() => Encoding.Latin1.GetString(body.ToArray());
            });
            return new Collector(server, received, tokens);
        }

        public ValueTask DisposeAsync() => server.DisposeAsync();
    }
}
