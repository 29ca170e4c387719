using Headroom.Routing.AspNetCore.Tests.Forwarding;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Hosting;

/// <summary>Paths that are left to the app: those that no provider lists, without a key, and those of providers that are switched off.</summary>
[TestClass]
public sealed class UnmappedPathTests
{
    private const string Jwt = "Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1In0.c2ln";

    [TestMethod]
    [DataRow("GET", "/v1/ordrs/7", Jwt, "")]
    [DataRow("POST", "/v1/ordrs/7", Jwt, "")]
    [DataRow("GET", "/v1/ordrs/7", Jwt + "|anthropic-version: 2023-06-01", "")]
    [DataRow("GET", "/v1/ordrs/7", "X: y", "")]
    [DataRow("GET", "/v1/ordrs/7", "Authorization: Basic dXNlcjpwdw==", "")]
    [DataRow("GET", "/v1/ordrs/7", "Authorization: Bearer sk-1", "https://api.openai.com/v1/ordrs/7")]
    [DataRow("GET", "/v1/ordrs/7", "x-api-key: k", "https://api.anthropic.com/v1/ordrs/7")]
    [DataRow("GET", "/v1/ordrs/7", Jwt + "|X-Headroom-Upstream: openrouter", "https://openrouter.ai/api/v1/ordrs/7")]
    [DataRow("GET", "/v1/models", Jwt, "https://api.openai.com/v1/models")]
    [DataRow("POST", "/v1/chat/completions", Jwt, "https://api.openai.com/v1/chat/completions")]
    public async Task An_unlisted_path_needs_a_key_or_an_upstream(string method, string path, string headers, string url)
    {
        foreach (var catchAll in new[] { true, false })
        {
            using var upstreams = new EchoHandler();
            await using var host = await StartAsync(upstreams, ("Headroom:CatchAll", catchAll ? "true" : "false"));

            var answer = await Answer.OfAsync(host.Address, method, path, headers.Split('|'));

            Assert.AreEqual((url.Length > 0 ? 200 : 404, url.Length > 0 ? "echo" : "the app's own", url), (answer.Status, answer.Body, answer.Url), $"CatchAll: {catchAll}");
            Assert.AreEqual(url.Length > 0 ? 1 : 0, upstreams.Count);
        }
    }

    [TestMethod]
    [DataRow("/v1/messages", "x-api-key: k|anthropic-version: 2023-06-01")]
    [DataRow("/v1/messages", "Authorization: Bearer sk-ant-1")]
    [DataRow("/v1/messages/count_tokens", "X: y")]
    [DataRow("/v1beta/models/m:generateContent", "x-goog-api-key: k")]
    [DataRow("/model/m/invoke", "X: y")]
    [DataRow("/any/path", "x-api-key: k")]
    public async Task A_path_of_a_provider_that_is_switched_off_is_the_apps(string path, string headers)
    {
        foreach (var catchAll in new[] { true, false })
        {
            using var upstreams = new EchoHandler();
            await using var host = await StartAsync(
                upstreams,
                [("Headroom:CatchAll", catchAll ? "true" : "false"), .. KnownProviders.All.Where(provider => provider.Name != "OpenAI").Select(provider => ($"Headroom:Providers:{provider.Name}:Enabled", "false"))]);

            var answer = await Answer.OfAsync(host.Address, "POST", path, headers.Split('|'));

            Assert.AreEqual((404, "the app's own"), (answer.Status, answer.Body));
            Assert.AreEqual(0, upstreams.Count);
            Assert.AreEqual(404, await UpgradeAsync(host, path, headers.Split('|')));
            Assert.AreEqual(0, upstreams.Count);
            Assert.AreEqual("https://api.openai.com/v1/models", (await Answer.OfAsync(host.Address, "GET", "/v1/models", "Authorization: Bearer sk-1")).Url);
        }
    }

    [TestMethod]
    public async Task No_route_of_one_that_is_switched_off_is_mapped()
    {
        using var upstreams = new EchoHandler();
        await using var host = await StartAsync(upstreams, [.. KnownProviders.All.Select(provider => ($"Headroom:Providers:{provider.Name}:Enabled", "false"))]);

        var patterns = host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<HeadroomEndpointMetadata>() is not null).Select(endpoint => endpoint.RoutePattern.RawText!).ToArray();
        CollectionAssert.AreEquivalent(new[] { "/upstream/{**rest}", "/@{name}/{**rest}", "/{**path}" }, patterns);
    }

    private static async Task<int> UpgradeAsync(GatewayHost host, string path, string[] headers)
    {
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request(
            "GET", path, [.. headers, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]));
        return (await client.ReadResponseAsync()).Status;
    }

    private static Task<GatewayHost> StartAsync(EchoHandler upstreams, params (string Key, string Value)[] settings) => GatewayHost.StartAsync(
        builder =>
        {
            builder.Configuration.AddSettings(settings);
            builder.Services.AddHeadroomProxy().UseUnguardedPrimaryHandler(upstreams);
        },
        app =>
        {
            app.MapHeadroomRoutes();
            app.MapFallback(context =>
            {
                context.Response.StatusCode = 404;
                return context.Response.WriteAsync("the app's own");
            });
        });
}
