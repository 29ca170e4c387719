using System.Diagnostics;
using Headroom.Routing.AspNetCore.Tests.Forwarding;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
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

    private static async Task<string> SentAsync(params string[] headers)
    {
        await using var upstream = RawUpstream.Start();
        using var source = new ActivitySource("app");
        using var tracing = Sdk.CreateTracerProviderBuilder()
            .AddSource("app", "Headroom.Routing").AddHttpClientInstrumentation().SetSampler(new AlwaysOnSampler()).Build();
        await using var host = await GatewayHost.StartAsync(
            builder => builder.AddProxyTo(upstream.Address),
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
