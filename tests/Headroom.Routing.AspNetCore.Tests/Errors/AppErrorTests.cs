using System.Text.Json;
using Headroom.Routing.AspNetCore.Tests.Forwarding;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Errors;

/// <summary>What an app's own middleware answers on the proxy's endpoints, where the app asked for bodies: <c>UseHeadroomErrors()</c>.</summary>
[TestClass]
public sealed class AppErrorTests
{
    [TestMethod]
    [DataRow("/v1/responses", Dialect.OpenAI)]
    [DataRow("/v1/messages", Dialect.Anthropic)]
    [DataRow("/v1beta/models", Dialect.Gemini)]
    [DataRow("/@openrouter/x", Dialect.Any)]
    public async Task A_status_alone_gets_a_body_in_the_clients_dialect(string path, Dialect dialect)
    {
        using var upstreams = new EchoHandler();
        await using var host = await StartAsync(upstreams, app => app.UseRouting().UseAuthentication().UseAuthorization());

        foreach (var (claims, status, slug) in new[] { ("", 401, "unauthorized"), ("role=user", 403, "forbidden") })
        {
            using var response = await SendAsync(host, path, claims);
            Assert.AreEqual((status, slug, "false"), ((int)response.StatusCode, One(response, "X-Headroom-Error"), One(response, "x-should-retry")));
            Assert.AreEqual("application/json", response.Content.Headers.ContentType!.ToString());
            Assert.AreEqual(status == 401 ? "Caller realm=\"gateway\"" : "", response.Headers.WwwAuthenticate.ToString());
            using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
            var error = body.RootElement.GetProperty("error");
            Assert.Contains(status == 401 ? "authenticate" : "may not use this route", error.GetProperty("message").GetString()!);
            Assert.AreEqual(
                dialect switch
                {
                    Dialect.Anthropic => status == 401 ? "authentication_error" : "permission_error",
                    Dialect.Gemini => status == 401 ? "UNAUTHENTICATED" : "PERMISSION_DENIED",
                    _ => slug,
                },
                error.GetProperty(dialect == Dialect.Gemini ? "status" : "type").GetString());
        }

        Assert.AreEqual(0, upstreams.Count);
        using var answer = await SendAsync(host, path, "role=llm");
        Assert.AreEqual(200, (int)answer.StatusCode);
    }

    // Then the app builder puts them before all middleware of the app's.
    [TestMethod]
    public async Task It_does_not_matter_whether_the_app_adds_its_middleware_itself()
    {
        using var upstreams = new EchoHandler();
        await using var host = await StartAsync(upstreams, _ => { });

        using var response = await SendAsync(host, "/v1/responses", "");

        Assert.AreEqual((401, "unauthorized"), ((int)response.StatusCode, One(response, "X-Headroom-Error")));
    }

    [TestMethod]
    [DataRow(429, "rate_limited")]
    [DataRow(503, "gateway_busy")]
    public async Task A_rate_limit_may_be_tried_again_when_the_app_says(int status, string slug)
    {
        using var upstreams = new EchoHandler();
        await using var host = await StartAsync(
            upstreams,
            app => app.UseRateLimiter(),
            services => services.AddRateLimiter(limits =>
            {
                limits.RejectionStatusCode = status;
                limits.AddFixedWindowLimiter("once", window => (window.PermitLimit, window.Window) = (1, TimeSpan.FromHours(1)));
                limits.OnRejected = (rejected, _) =>
                {
                    rejected.HttpContext.Response.Headers.RetryAfter = "7";
                    return default;
                };
            }),
            routes => routes.RequireRateLimiting("once"));
        using var first = await SendAsync(host, "/v1/messages", "role=llm");
        Assert.AreEqual(200, (int)first.StatusCode);

        using var response = await SendAsync(host, "/v1/messages", "role=llm");

        Assert.AreEqual((status, slug, "true", "7"), ((int)response.StatusCode, One(response, "X-Headroom-Error"), One(response, "x-should-retry"), One(response, "Retry-After")));
        Assert.AreEqual(1, upstreams.Count);
    }

    [TestMethod]
    [DataRow(400, "invalid_request")]
    [DataRow(405, "invalid_request")]
    [DataRow(413, "request_too_large")]
    [DataRow(500, "gateway_error")]
    [DataRow(502, "gateway_error")]
    public async Task Other_errors_without_a_body_get_one_too(int status, string slug)
    {
        using var upstreams = new EchoHandler();
        await using var host = await StartAsync(upstreams, app => app.Use((HttpContext context, RequestDelegate _) =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentLength = 0;
            return Task.CompletedTask;
        }));

        using var response = await SendAsync(host, "/v1/messages", "role=llm");

        Assert.AreEqual((status, slug), ((int)response.StatusCode, One(response, "X-Headroom-Error")));
        using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.AreNotEqual("", body.RootElement.GetProperty("error").GetProperty("message").GetString());
    }

    [TestMethod]
    public async Task A_body_of_the_apps_stays()
    {
        using var upstreams = new EchoHandler();
        await using var host = await StartAsync(upstreams, app => app.Use((HttpContext context, RequestDelegate _) =>
            Results.Problem("mine", statusCode: 403).ExecuteAsync(context)));

        using var response = await SendAsync(host, "/v1/messages", "role=llm");

        Assert.Contains("mine", await response.Content.ReadAsStringAsync());
        Assert.AreEqual("application/problem+json", response.Content.Headers.ContentType!.ToString());
        Assert.AreEqual("", One(response, "X-Headroom-Error"));
    }

    [TestMethod]
    [DataRow(401, "X: y")]
    [DataRow(429, "X: y")]
    [DataRow(500, "X: y")]
    [DataRow(401, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")]
    public async Task What_an_upstream_answers_is_not_touched(int status, params string[] headers)
    {
        await using var upstream = RawUpstream.Start(exchange => exchange.RespondAsync(status));
        await using var host = await GatewayHost.StartAsync(
            builder => builder.Services
                .AddHeadroomProxy(options => options.Providers["OpenAI"] = new ProviderOptions { BaseAddress = upstream.Address.OriginalString })
                .UseHeadroomErrors(),
            app => app.MapHeadroomRoutes());

        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request("GET", "/v1/realtime", headers));
        var response = await client.ReadResponseAsync();

        Assert.AreEqual((status, ""), (response.Status, (await response.ReadToEndAsync()).Text));
        Assert.IsEmpty(response.Values("X-Headroom-Error"));
    }

    [TestMethod]
    public async Task The_apps_other_endpoints_are_not_touched()
    {
        using var upstreams = new EchoHandler();
        await using var host = await StartAsync(upstreams, app => app.MapGet("/own", () => Results.StatusCode(403)));

        using var response = await SendAsync(host, "/own", "");
        using var missing = await SendAsync(host, "/missing", "");

        Assert.AreEqual((403, ""), ((int)response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.AreEqual((404, ""), ((int)missing.StatusCode, await missing.Content.ReadAsStringAsync()));
    }

    [TestMethod]
    public async Task Only_an_app_that_asks_gets_them()
    {
        using var upstreams = new EchoHandler();
        await using var host = await StartAsync(upstreams, _ => { }, asks: false);

        using var response = await SendAsync(host, "/v1/responses", "");

        Assert.AreEqual((401, ""), ((int)response.StatusCode, await response.Content.ReadAsStringAsync()));
    }

    [TestMethod]
    public async Task In_a_test_server_too()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        CallerToken.Add(builder.Services);
        builder.Services.AddAuthorization();
        builder.Services.AddHeadroomProxy().UseHeadroomErrors().UseHeadroomErrors();
        await using var app = builder.Build();
        app.MapHeadroomRoutes().RequireAuthorization();
        await app.StartAsync();

        using var response = await app.GetTestClient().GetAsync("/v1/models");

        Assert.AreEqual((401, "unauthorized"), ((int)response.StatusCode, One(response, "X-Headroom-Error")));
    }

    private static Task<GatewayHost> StartAsync(
        EchoHandler upstreams, Action<WebApplication> use, Action<IServiceCollection>? configure = null, Action<IEndpointConventionBuilder>? restrict = null, bool asks = true) =>
        GatewayHost.StartAsync(
            builder =>
            {
                CallerToken.Add(builder.Services);
                builder.Services.AddAuthorizationBuilder().AddPolicy("llm", policy => policy.RequireClaim("role", "llm"));
                configure?.Invoke(builder.Services);
                var proxy = builder.Services.AddHeadroomProxy().UseUnguardedPrimaryHandler(upstreams);
                if (asks)
                {
                    proxy.UseHeadroomErrors();
                }
            },
            app =>
            {
                use(app);
                var routes = app.MapHeadroomRoutes().RequireAuthorization("llm");
                restrict?.Invoke(routes);
            });

    private static async Task<HttpResponseMessage> SendAsync(GatewayHost host, string path, string claims)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { CallerToken.Header, claims } } };
        return await host.CreateClient().SendAsync(request);
    }

    private static string One(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? values.Single() : "";
}
