using System.Diagnostics;
using Headroom.Routing.AspNetCore.Tests.Forwarding;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Headroom.Routing.AspNetCore.Tests.Diagnostics;

/// <summary>
/// What the app's tracing knows stays in the app, also with OpenTelemetry's instrumentation of HttpClient. Not in parallel, because that
/// instrumentation is one for the whole process.
/// </summary>
[TestClass]
[DoNotParallelize]
public sealed class TraceContextTests
{
    private static readonly string[] Names = ["traceparent", "tracestate", "baggage", "Request-Id", "Correlation-Context"];

    [TestMethod]
    public async Task Nothing_of_the_apps_trace_reaches_an_upstream() => Assert.AreEqual("", await SentAsync());

    [TestMethod]
    public async Task What_the_caller_sent_reaches_it_as_it_was()
    {
        const string TraceParent = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        Assert.AreEqual($"{TraceParent}; tracestate: a=b; baggage: mine=1", await SentAsync(TraceParent, "tracestate: a=b", "baggage: mine=1"));
    }

    [TestMethod]
    public async Task The_operators_upstreams_may_be_told_of_the_trace_and_never_of_its_baggage()
    {
        var sent = await SentAsync(propagate: true, "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "baggage: mine=1");
        Assert.MatchesRegex("^traceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-01; tracestate: app=1; baggage: mine=1$", sent);
        Assert.DoesNotContain("b7ad6b7169203331", sent);
    }

    [TestMethod]
    public async Task An_upstream_that_a_wildcard_opens_is_told_of_nothing()
    {
        var upstream = new HeldRequest();
        await using var host = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Configuration.AddSettings([("Headroom:AllowedUpstreams:0", "https://*"), ("Headroom:PropagateTraceContext", "true")]);
                builder.Services.AddHeadroomProxy().UseUnguardedPrimaryHandler(upstream);
            },
            app =>
            {
                app.Use(async (context, next) =>
                {
                    using var activity = new Activity("request").Start();
                    await next(context);
                });
                app.MapHeadroomRoutes();
            });
        foreach (var (header, count) in ((string, int)[])[("https://of-a-caller.example", 0), ("", 1)])
        {
            await using var client = await RawClient.ConnectAsync(host.Address);
            await client.SendAsync(Gateway.Request("GET", "/v1/models", $"X-Headroom-Upstream: {header}"));
            Assert.AreEqual(200, (await client.ReadResponseAsync()).Status);
            Assert.AreEqual(count, upstream.Last!.Headers.TryGetValues("traceparent", out var values) ? values.Count() : 0, header);
        }
    }

    private sealed class HeldRequest : HttpMessageHandler
    {
        public HttpRequestMessage? Last { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Last = request;
            return Task.FromResult(new HttpResponseMessage());
        }
    }

    private static Task<string> SentAsync(params string[] headers) => SentAsync(propagate: false, headers);

    private static async Task<string> SentAsync(bool propagate, params string[] headers)
    {
        await using var upstream = RawUpstream.Start();
        using var source = new ActivitySource("app");
        using var tracing = Sdk.CreateTracerProviderBuilder()
            .AddSource("app", "Headroom.Routing").AddHttpClientInstrumentation().SetSampler(new AlwaysOnSampler()).Build();
        await using var host = await GatewayHost.StartAsync(
            builder => builder.AddProxyTo(upstream.Address, ("Headroom:PropagateTraceContext", propagate.ToString())),
            app =>
            {
                app.Use(async (context, next) =>
                {
                    using var activity = source.StartActivity("request", ActivityKind.Server);
                    activity!.AddBaggage("tenant", "acme").TraceStateString = "app=1";
                    Baggage.SetBaggage("tenant", "acme");

                    // A client of the app's own tells that the instrumentation is at work.
                    using var own = new HttpClient(new SocketsHttpHandler { UseProxy = false });
                    await own.GetAsync(new Uri(upstream.Address, "/own"), context.RequestAborted);
                    await next(context);
                });
                app.MapHeadroomRoutes();
            });
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request("GET", "/v1/models", headers));
        Assert.AreEqual(200, (await client.ReadResponseAsync()).Status);

        Assert.Contains("baggage: tenant=acme", TraceHeaders(await upstream.NextRequestAsync()));
        return TraceHeaders(await upstream.NextRequestAsync());
    }

    private static string TraceHeaders(RawRequest request) =>
        string.Join("; ", from name in Names from value in request.Values(name) select $"{name}: {value}");
}
