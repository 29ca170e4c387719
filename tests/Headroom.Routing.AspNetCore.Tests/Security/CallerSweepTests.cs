using Headroom.Routing.AspNetCore.Tests.Support;
using Headroom.Routing.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Configuration;

namespace Headroom.Routing.AspNetCore.Tests.Security;

/// <summary>The sweep of gateways that tell their callers apart: a sound one, and ones with a hole of each kind.</summary>
[TestClass]
public sealed class CallerSweepTests
{
    private const string OperatorKey = "sk-of-the-operator";

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task In_a_sound_gateway_nobody_finds_a_hole(bool overSockets)
    {
        await using var app = await StartAsync(overSockets, builder =>
        {
            builder.Services.AddAuthorization();
            builder.Services.AddHeadroomProxy(Restrict).UseHeadroomErrors()
                .ConfigureHttpClients(client => client.AddHttpMessageHandler(() => new KeyHandler(target => target.Choice == UpstreamChoice.Configured)));
            AddYarp(builder).AddHeadroomTransforms();
        }, app =>
        {
            app.MapReverseProxy();
            app.MapHeadroomRoutes("/llm").RequireAuthorization();
        });

        var report = await SweepAsync(app, overSockets);

        report.ThrowIfUnsafe();
        Assert.AreEqual(overSockets, report.WebSocketsTried);
        Assert.DoesNotContain("/shop/{**rest}", report.Endpoints);
    }

    [TestMethod]
    public async Task In_a_broken_gateway_a_hole_of_each_kind_is_found()
    {
        await using var app = await StartAsync(overSockets: true, builder =>
        {
            // The key goes to every upstream, whoever chose it.
            builder.Services.AddHeadroomProxy(options => options.AllowedUpstreams.Add("http://127.0.0.1:*"))
                .ConfigureHttpClients(client => client.AddHttpMessageHandler(() => new KeyHandler(_ => true)));
            AddYarp(builder);
        }, app =>
        {
            // The policy is the app's own code, and it forgets WebSockets.
            app.UseAuthentication();
            app.Use((context, next) =>
            {
                var isUpgrade = context.Request.Headers.Upgrade.Count > 0;
                if (isUpgrade || context.GetUpstreamTarget() is not { Choice: UpstreamChoice.Override } || context.User.HasClaim("role", "high"))
                {
                    return next(context);
                }

                context.Response.StatusCode = StatusCodes.Status403Forbidden;
                return Task.CompletedTask;
            });
            app.MapReverseProxy();
            app.MapHeadroomRoutes("/llm");
        });

        var report = await SweepAsync(app, overSockets: true, new HeadroomSweepCaller("careless", request =>
        {
            request.Headers.Add(CallerToken.Header, "role=high");
            request.Headers.Add("X-Session", "of the gateway");
        })
        { MayReachListener = true });

        Assert.Contains(
            finding => finding.Request.StartsWith("as careless: ", StringComparison.Ordinal) && finding.Outcome.StartsWith("X-Session was forwarded, by which the caller authenticates", StringComparison.Ordinal),
            report.Findings);
        var byHigh = report.Findings.Where(finding => finding.Request.StartsWith("as high: ", StringComparison.Ordinal)).ToArray();
        Assert.Contains(finding => finding.Outcome.Contains("a credential was sent in Authorization", StringComparison.Ordinal), byHigh);
        Assert.Contains(finding => finding.Outcome.Contains("a secret of the operator's", StringComparison.Ordinal), byHigh);
        Assert.IsTrue(byHigh.All(finding => finding.Outcome.Contains("to an upstream that the caller named by URL", StringComparison.Ordinal)), report.ToString());
        foreach (var caller in (string[])["as nobody: ", "as low: "])
        {
            var holes = report.Findings.Where(finding => finding.Request.StartsWith(caller, StringComparison.Ordinal)).ToArray();
            Assert.IsNotEmpty(holes);
            Assert.IsTrue(holes.All(finding => finding.Request.Contains("a WebSocket upgrade", StringComparison.Ordinal)), report.ToString());
            Assert.Contains(finding => finding.Outcome.Contains("connected", StringComparison.Ordinal), holes);
        }

        var yarp = Assert.ContainsSingle(report.Findings.Where(finding => finding.Endpoint == "/shop/{**rest}"));
        Assert.Contains("X-Headroom-Proxy-Token", yarp.Outcome);
        Assert.DoesNotContain(OperatorKey, string.Concat(report.Findings));
        Assert.Contains("findings", Assert.ThrowsExactly<InvalidOperationException>(report.ThrowIfUnsafe).Message);
    }

    [TestMethod]
    public async Task A_caller_who_may_reach_the_listener_and_cannot_proves_nothing()
    {
        await using var app = await StartAsync(overSockets: true, builder => builder.Services.AddHeadroomProxy(), app => app.MapHeadroomRoutes("/llm"));

        var report = await HeadroomSecuritySweep.RunAsync(
            app.Services, new Uri(app.Urls.First()), new() { Callers = { new("high", _ => { }) { MayReachListener = true } } });

        Assert.Contains("none arrived at the listener", Assert.ContainsSingle(report.Findings).Outcome);
    }

    // What the operator allows there is no hole, and none of its lookalikes is one.
    [TestMethod]
    [DataRow("llm.internet.bg", "https://llm.internet.bg")]
    [DataRow("ollama", "http://ollama:11434")]
    [DataRow("ollama", "https://ollama")]
    public async Task A_host_that_looks_internal_is_no_hole(string host, string allowed)
    {
        await using var app = await StartAsync(overSockets: true, builder => builder.Services.AddHeadroomProxy(options =>
        {
            options.AllowedUpstreams.Add(allowed);
            options.AllowedUpstreams.Add("https://*:*");
            options.AllowedUpstreams.Add("http://*:*");
        }), app => app.MapHeadroomRoutes("/llm"));

        (await HeadroomSecuritySweep.RunAsync(app.Services, new Uri(app.Urls.First()), new() { AllowedHost = host })).ThrowIfUnsafe();
    }

    [TestMethod]
    public void A_caller_has_a_name_and_a_way_to_authenticate()
    {
        Assert.ThrowsExactly<ArgumentException>(() => new HeadroomSweepCaller(" ", _ => { }));
        Assert.ThrowsExactly<ArgumentNullException>(() => new HeadroomSweepCaller("low", null!));
    }

    private static void Restrict(HeadroomProxyOptions options)
    {
        options.AllowedUpstreams.Add("http://127.0.0.1:*");
        options.Callers["low"] = new() { Claim = new() { Type = "role", Value = "low" }, Providers = { "OpenAI" } };
        options.Callers["high"] = new() { Claim = new() { Type = "role", Value = "high" }, Providers = { "OpenAI" }, AllowedUpstreams = { "http://127.0.0.1:*" } };
    }

    private static Task<HeadroomSecurityReport> SweepAsync(WebApplication app, bool overSockets, params HeadroomSweepCaller[] others)
    {
        var options = new HeadroomSecuritySweepOptions { Secrets = { OperatorKey }, CreateHandler = overSockets ? null : app.GetTestServer().CreateHandler };
        HeadroomSweepCaller[] callers =
        [
            new("low", request => request.Headers.Add(CallerToken.Header, "role=low")),
            new("high", request => request.Headers.Add(CallerToken.Header, "role=high")) { MayReachListener = true },
            .. others,
        ];
        foreach (var caller in callers)
        {
            options.Callers.Add(caller);
        }

        return HeadroomSecuritySweep.RunAsync(app.Services, overSockets ? new Uri(app.Urls.First()) : app.GetTestServer().BaseAddress, options);
    }

    private static async Task<WebApplication> StartAsync(bool overSockets, Action<WebApplicationBuilder> configure, Action<WebApplication> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        if (overSockets)
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0");
        }
        else
        {
            builder.WebHost.UseTestServer();
        }

        builder.Logging.ClearProviders();
        CallerToken.Add(builder.Services);
        configure(builder);
        var app = builder.Build();
        map(app);
        await app.StartAsync();
        return app;
    }

    private static IReverseProxyBuilder AddYarp(WebApplicationBuilder builder) => builder.Services.AddReverseProxy().LoadFromMemory(
        [new RouteConfig { RouteId = "shop", ClusterId = "shop", Match = new() { Path = "/shop/{**rest}" } }],
        [new ClusterConfig { ClusterId = "shop", Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = "http://shop.invalid" } } }]);

    private sealed class KeyHandler(Predicate<UpstreamTarget> getsKey) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Options.TryGetValue(HeadroomRequestOptions.Target, out var target) && getsKey(target))
            {
                request.Headers.Remove("Authorization");
                request.Headers.Add("Authorization", $"Bearer {OperatorKey}");
            }

            return base.SendAsync(request, cancellationToken);
        }
    }
}
