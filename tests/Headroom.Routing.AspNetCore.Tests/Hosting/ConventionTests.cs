using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Hosting;

/// <summary>What the app says about our routes, and how it meets them on the same patterns.</summary>
[TestClass]
public sealed class ConventionTests
{
    private static readonly (string Method, string Target, string Header)[] OneOfEachKind =
    [
        ("POST", "/v1/chat/completions", "X: y"),
        ("GET", "/v1/models", "X: y"),
        ("POST", "/v1/projects/p/locations/eu/m:predict", "X: y"),
        ("GET", "/upstream/x", "X-Headroom-Upstream: openrouter"),
        ("GET", "/@openrouter/x", "X: y"),
        ("GET", "/some/page", "X-Headroom-Upstream: openrouter"),
    ];

    [TestMethod]
    public async Task RequireAuthorization_holds_on_every_route()
    {
        using var upstreams = new EchoHandler();
        await using var host = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Services.AddAuthentication("Token").AddScheme<AuthenticationSchemeOptions, ProxyToken>("Token", null);
                builder.Services.AddAuthorization();
                builder.Services.AddHeadroomProxy().UseUnguardedPrimaryHandler(upstreams);
            },
            app => app.MapHeadroomRoutes().RequireAuthorization());
        foreach (var (method, target, header) in OneOfEachKind)
        {
            Assert.AreEqual(401, (await Answer.OfAsync(host.Address, method, target, header)).Status, target);
        }

        Assert.AreEqual(0, upstreams.Count);
        foreach (var (method, target, header) in OneOfEachKind)
        {
            Assert.AreEqual(200, (await Answer.OfAsync(host.Address, method, target, header, "X-Headroom-Proxy-Token: open")).Status, target);
        }
    }

    [TestMethod]
    public async Task RequireRateLimiting_counts_every_route()
    {
        using var upstreams = new EchoHandler();
        await using var host = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Services.AddRateLimiter(options =>
                {
                    options.RejectionStatusCode = 429;
                    options.AddFixedWindowLimiter("few", few => (few.PermitLimit, few.Window) = (OneOfEachKind.Length, TimeSpan.FromHours(1)));
                });
                builder.Services.AddHeadroomProxy().UseUnguardedPrimaryHandler(upstreams);
            },
            app =>
            {
                app.UseRateLimiter();
                app.MapHeadroomRoutes().RequireRateLimiting("few");
            });
        foreach (var (method, target, header) in OneOfEachKind)
        {
            Assert.AreEqual(200, (await Answer.OfAsync(host.Address, method, target, header)).Status, target);
        }

        foreach (var (method, target, header) in OneOfEachKind)
        {
            Assert.AreEqual(429, (await Answer.OfAsync(host.Address, method, target, header)).Status, target);
        }
    }

    [TestMethod]
    [DataRow("/v1/models/{**rest}")]
    [DataRow("/v1/chat/completions/{**rest}")]
    [DataRow("/{version}/projects/{project}/locations/{location}/{**rest}")]
    [DataRow("/upstream/{**rest}")]
    [DataRow("/@{name}/{**rest}")]
    [DataRow("/{**path}")]
    public async Task An_endpoint_of_the_apps_with_the_same_pattern_wins(string pattern)
    {
        using var upstreams = new EchoHandler();
        foreach (var before in new[] { true, false })
        {
            await using var host = await GatewayHost.StartAsync(
                builder => builder.Services.AddHeadroomProxy().UseUnguardedPrimaryHandler(upstreams),
                app =>
                {
                    if (before)
                    {
                        app.MapHeadroomRoutes();
                    }

                    app.Map(pattern, () => "the app's");
                    if (!before)
                    {
                        app.MapHeadroomRoutes();
                    }
                });
            var path = pattern.Replace("{version}", "v7", StringComparison.Ordinal).Replace("{**rest}", "x", StringComparison.Ordinal)
                .Replace("{**path}", "some/page", StringComparison.Ordinal).Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal);

            var answer = await Answer.OfAsync(host.Address, "GET", path, "X-Headroom-Upstream: openrouter");

            Assert.AreEqual((200, "the app's"), (answer.Status, answer.Body));
        }

        Assert.AreEqual(0, upstreams.Count);
    }

    [TestMethod]
    public async Task What_holds_for_one_route_alone_leaves_its_requests_to_the_others()
    {
        using var upstreams = new EchoHandler();
        await using var host = await GatewayHost.StartAsync(
            builder => builder.Services.AddHeadroomProxy().UseUnguardedPrimaryHandler(upstreams),
            app => app.MapHeadroomRoutes().Add(endpoint =>
            {
                if (((RouteEndpointBuilder)endpoint).RoutePattern.RawText == "/v1/models/{**rest}")
                {
                    endpoint.Metadata.Add(new HostAttribute("elsewhere.example"));
                }
            }));

        Assert.AreEqual(200, (await Answer.OfAsync(host.Address, "GET", "/v1/models", "X-Headroom-Upstream: openrouter")).Status);
    }

    [TestMethod]
    [DataRow("GET", "/v1/models")]
    [DataRow("POST", "/v1/chat/completions")]
    [DataRow("POST", "/v1beta/models/m:generateContent")]
    public async Task Routing_is_left_with_one_of_our_routes(string method, string path)
    {
        using var upstreams = new EchoHandler();
        await using var host = await GatewayHost.StartAsync(
            builder => builder.Services.AddHeadroomProxy().UseUnguardedPrimaryHandler(upstreams), app => app.MapHeadroomRoutes());

        await Answer.OfAsync(host.Address, method, path, "X-Headroom-Upstream: openrouter");

        var found = host.Logs.Entries.Single(entry => entry.EventId.Name == "CandidatesFound");
        Assert.AreEqual(("CandidateCount", "1"), found.State[0]);
    }

    [TestMethod]
    public async Task Forgetting_the_services_is_told_with_the_call_that_is_missing()
    {
        var failure = await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => GatewayHost.StartAsync(_ => { }, app => app.MapHeadroomRoutes()));

        Assert.Contains("AddHeadroomProxy()", failure.Message);
    }

    [TestMethod]
    public async Task The_proxy_can_be_added_twice()
    {
        using var upstreams = new EchoHandler();
        await using var host = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Services.AddHeadroomProxy(options => options.AllowedUpstreams.Add("https://a.example"));
                builder.Services.AddHeadroomProxy(options => options.AllowedUpstreams.Add("https://b.example")).UseUnguardedPrimaryHandler(upstreams);
            },
            app => app.MapHeadroomRoutes());

        Assert.AreEqual("https://a.example/v1/models", (await Answer.OfAsync(host.Address, "GET", "/v1/models", "X-Headroom-Upstream: https://a.example")).Url);
        Assert.AreEqual("https://b.example/v1/models", (await Answer.OfAsync(host.Address, "GET", "/v1/models", "X-Headroom-Upstream: https://b.example")).Url);
    }

    private sealed class ProxyToken(
        Microsoft.Extensions.Options.IOptionsMonitor<AuthenticationSchemeOptions> options,
        Microsoft.Extensions.Logging.ILoggerFactory logger,
        System.Text.Encodings.Web.UrlEncoder encoder) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(
            Request.Headers["X-Headroom-Proxy-Token"] == "open"
                ? AuthenticateResult.Success(new AuthenticationTicket(new(new System.Security.Claims.ClaimsIdentity("Token")), "Token"))
                : AuthenticateResult.NoResult());
    }
}
