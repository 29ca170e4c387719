using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Security;

/// <summary>The app's CORS policy decides about the origins of requests to our endpoints, if it really covers them. Otherwise the guard stays.</summary>
[TestClass]
public sealed class CorsTests
{
    private const string Listed = "https://chat.example.com";
    private const string Foreign = "https://evil.example";
    private const string Local = "http://localhost:3000";
    private const string Own = "http://gateway.test";
    private const string Upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    /// <summary>The ways in which a policy covers our endpoints.</summary>
    private static readonly Dictionary<string, Cors> Covering = new()
    {
        ["given to the middleware"] = new(app => app.UseCors(List)),
        ["named by the middleware"] = new(app => app.UseCors("chat"), cors => cors.AddPolicy("chat", List)),
        ["the default"] = new(app => app.UseCors(), cors => cors.AddDefaultPolicy(List)),
        ["named by the endpoints"] = new(app => app.UseCors(), cors => cors.AddPolicy("chat", List), ours => ours.RequireCors("chat")),
        ["given to the endpoints"] = new(app => app.UseCors(), _ => { }, ours => ours.RequireCors(List)),
        ["an attribute of the endpoints"] = new(app => app.UseCors(), cors => cors.AddPolicy("chat", List), ours => ours.WithMetadata(new EnableCorsAttribute("chat"))),
        ["the endpoints' before the middleware's"] = new(app => app.UseCors(All), cors => cors.AddDefaultPolicy(All), ours => ours.RequireCors(List)),
        ["with credentials"] = new(app => app.UseCors(policy => List(policy.AllowCredentials()))),
    };

    /// <summary>The ways in which an app has a policy that is not one for our endpoints.</summary>
    private static readonly Dictionary<string, Cors> NotCovering = new()
    {
        ["no middleware"] = new(_ => { }, cors => cors.AddDefaultPolicy(List)),
        ["a middleware without a policy"] = new(app => app.UseCors(), _ => { }),
        ["a middleware before routing"] = new(app => app.UseCors(List).UseRouting()),
        ["a middleware of another branch"] = new(app => app.UseWhen(context => context.Request.Path.StartsWithSegments("/own"), own => own.UseCors(List))),
        ["turned off for our endpoints"] = new(app => app.UseCors(List), _ => { }, ours => ours.WithMetadata(new DisableCorsAttribute())),
        ["a service of the app's own"] = new(app => app.UseCors(List), After: services => services.AddTransient<ICorsService, CorsService>()),
        ["for other endpoints of ours, one of which the request was first matched to"] = new(app =>
        {
            app.Use(Rewrite("/open/v1/models"));
            app.UseRouting();
            app.UseCors();
            app.Use(Rewrite("/v1/models"));
            app.UseRouting();
            app.MapHeadroomRoutes("/open").RequireCors(List);
        }),
    };

    private static readonly RawUpstream Upstream = RawUpstream.Start();

    public static IEnumerable<object[]> CoveringNames => Covering.Keys.Select(name => new object[] { name });

    public static IEnumerable<object[]> NotCoveringNames => NotCovering.Keys.Select(name => new object[] { name });

    [ClassCleanup]
    public static async Task Stop() => await Upstream.DisposeAsync();

    [TestMethod]
    [DynamicData(nameof(CoveringNames))]
    public async Task A_policy_that_covers_our_endpoints_decides(string how)
    {
        await using var host = await StartAsync(Covering[how]);
        foreach (var (origin, status) in new[] { (Listed, 200), (Own, 200), (Foreign, 403), (Local, 403), ("app://obsidian.md", 403), ("null", 403), ("", 403), ($"{Listed}.evil.example", 403) })
        {
            foreach (var extra in (string[])["", Upgrade, "Sec-Fetch-Mode: cors\r\n"])
            {
                Assert.AreEqual(status, (await SendAsync(host, "GET", $"Origin: {origin}\r\n{extra}")).Status, $"{origin} {extra}");
            }
        }

        // What CORS is not about.
        Assert.AreEqual(200, (await SendAsync(host, "GET", "")).Status);
        Assert.AreEqual(403, (await SendAsync(host, "GET", $"Origin: {Listed}\r\nSec-Fetch-Mode: navigate\r\n")).Status);
        Assert.AreEqual(403, (await SendAsync(host, "GET", "Sec-Fetch-Mode: navigate\r\n")).Status);
        Assert.AreEqual(403, (await SendAsync(host, "GET", "Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Site: cross-site\r\n")).Status);
        Assert.AreEqual(403, (await SendAsync(host, "GET", $"Origin: {Listed}\r\nOrigin: {Listed}\r\n")).Status);

        // Preflights stay the middleware's.
        Assert.AreEqual((204, Listed), await SendAsync(host, "OPTIONS", $"Origin: {Listed}\r\nAccess-Control-Request-Method: POST\r\n"));
        Assert.AreEqual((204, null), await SendAsync(host, "OPTIONS", $"Origin: {Foreign}\r\nAccess-Control-Request-Method: POST\r\n"));

        // A page must be able to read what it is told, errors too.
        Assert.AreEqual((400, Listed), await SendAsync(host, "GET", $"Origin: {Listed}\r\nX-Headroom-Upstream: no-such-name\r\n"));
    }

    [TestMethod]
    [DynamicData(nameof(NotCoveringNames))]
    public async Task A_policy_that_does_not_leaves_the_guard_as_it_is(string how)
    {
        await using var host = await StartAsync(NotCovering[how]);
        foreach (var extra in (string[])["", Upgrade])
        {
            Assert.AreEqual(403, (await SendAsync(host, "GET", $"Origin: {Listed}\r\n{extra}")).Status);
            Assert.AreEqual(403, (await SendAsync(host, "GET", $"Origin: {Foreign}\r\n{extra}")).Status);
            Assert.AreEqual(200, (await SendAsync(host, "GET", $"Origin: {Local}\r\n{extra}")).Status);
            Assert.AreEqual(200, (await SendAsync(host, "GET", $"Origin: {Own}\r\n{extra}")).Status);
        }
    }

    [TestMethod]
    public async Task The_allowed_origins_add_to_the_policy()
    {
        await using var host = await StartAsync(Covering["the default"], "https://other.example.com");

        foreach (var (origin, status) in new[] { (Listed, 200), ("https://other.example.com", 200), (Foreign, 403) })
        {
            Assert.AreEqual(status, (await SendAsync(host, "GET", $"Origin: {origin}\r\n")).Status, origin);
        }
    }

    [TestMethod]
    public async Task A_policy_for_any_origin_lets_requests_pass_but_neither_links_nor_WebSockets()
    {
        await using var host = await StartAsync(new(app => app.UseCors(All)));

        foreach (var origin in (string[])[Listed, Foreign, "null"])
        {
            Assert.AreEqual((200, "*"), await SendAsync(host, "GET", $"Origin: {origin}\r\n"));
            Assert.AreEqual(403, (await SendAsync(host, "GET", $"Origin: {origin}\r\nSec-Fetch-Mode: navigate\r\n")).Status);

            // A browser sends cookies with these and lets the page read the answer, which '*' never means.
            Assert.AreEqual(403, (await SendAsync(host, "GET", $"Origin: {origin}\r\n{Upgrade}")).Status);
        }

        Assert.AreEqual(200, (await SendAsync(host, "GET", $"Origin: {Local}\r\n{Upgrade}")).Status);
        Assert.AreEqual(403, (await SendAsync(host, "GET", $"Origin: {Foreign}\r\nOrigin: {Listed}\r\n")).Status);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task It_does_not_matter_which_services_come_first(bool corsFirst)
    {
        await using var host = await GatewayHost.StartAsync(
            builder =>
            {
                if (corsFirst)
                {
                    builder.Services.AddCors(cors => cors.AddDefaultPolicy(List));
                }

                AddProxy(builder.Services);
                builder.Services.AddCors(cors => cors.AddDefaultPolicy(List));
            },
            app =>
            {
                app.UseCors();
                app.MapHeadroomRoutes();
            });

        Assert.AreEqual((200, Listed), await SendAsync(host, "GET", $"Origin: {Listed}\r\n"));
        Assert.AreEqual(403, (await SendAsync(host, "GET", $"Origin: {Foreign}\r\n")).Status);
    }

    [TestMethod]
    public async Task An_explanation_goes_by_the_policy_of_its_endpoint()
    {
        await using var host = await GatewayHost.StartAsync(
            builder => AddProxy(builder.Services),
            app =>
            {
                app.UseCors(List);
                app.MapHeadroomRoutes();
                app.MapHeadroomExplain();
            });

        Assert.AreEqual((200, Listed), await SendAsync(host, "GET", $"Origin: {Listed}\r\n", "/headroom/explain/v1/models"));
        Assert.AreEqual(403, (await SendAsync(host, "GET", $"Origin: {Foreign}\r\n", "/headroom/explain/v1/models")).Status);
    }

    private static void List(CorsPolicyBuilder policy) => policy.WithOrigins(Listed).AllowAnyHeader().AllowAnyMethod();

    private static void All(CorsPolicyBuilder policy) => policy.AllowAnyOrigin().AllowAnyHeader().AllowAnyMethod();

    private static Func<HttpContext, RequestDelegate, Task> Rewrite(string path) => (context, next) =>
    {
        context.Request.Path = path;
        context.SetEndpoint(null);
        return next(context);
    };

    private static void AddProxy(IServiceCollection services, params string[] allowed) => services.AddHeadroomProxy(options =>
    {
        options.Providers["OpenAI"] = new ProviderOptions { BaseAddress = Upstream.Address.OriginalString };
        foreach (var origin in allowed)
        {
            options.AllowedOrigins.Add(origin);
        }
    });

    private static Task<GatewayHost> StartAsync(Cors cors, params string[] allowed) => GatewayHost.StartAsync(
        builder =>
        {
            AddProxy(builder.Services, allowed);
            builder.Services.AddCors(cors.Options ?? (_ => { }));
            cors.After?.Invoke(builder.Services);
        },
        app =>
        {
            cors.Use(app);
            var ours = app.MapHeadroomRoutes();
            cors.Endpoints?.Invoke(ours);
        });

    private static async Task<(int Status, string? AllowedOrigin)> SendAsync(GatewayHost host, string method, string headers, string path = "/v1/models")
    {
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync($"{method} {path} HTTP/1.1\r\nHost: gateway.test\r\n{headers}\r\n");
        var response = await client.ReadResponseAsync();
        return (response.Status, response.Values("Access-Control-Allow-Origin").SingleOrDefault());
    }

    private sealed record Cors(
        Action<WebApplication> Use,
        Action<CorsOptions>? Options = null,
        Action<IEndpointConventionBuilder>? Endpoints = null,
        Action<IServiceCollection>? After = null);
}
