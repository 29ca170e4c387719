using Headroom.Routing.AspNetCore.Tests.Forwarding;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Hosting;

/// <summary>The app's caches and status pages: no caller gets what another was answered, and no request is sent twice.</summary>
[TestClass]
public sealed class SharedAnswerTests
{
    private static readonly Dictionary<string, Action<WebApplication>> OutputCaches = new()
    {
        ["by a base policy"] = app =>
        {
            app.UseOutputCache();
            app.MapHeadroomRoutes();
        },
        ["by a convention of the routes"] = app =>
        {
            app.UseOutputCache();
            app.MapHeadroomRoutes().CacheOutput().WithMetadata(new OutputCacheAttribute { Duration = 60 });
        },
        ["by a convention of a group"] = app =>
        {
            app.UseOutputCache();
            app.MapGroup("").CacheOutput(policy => policy.Cache().SetLocking(true)).MapHeadroomRoutes();
        },
        ["before routing"] = app =>
        {
            app.UseOutputCache();
            app.UseRouting();
            app.MapHeadroomRoutes();
        },
    };

    public static IEnumerable<object[]> WaysToCache => OutputCaches.Keys.Select(way => new object[] { way });

    // A cache that runs before routing locks the URL before it can know the endpoint; docs/handlers.md says to put it behind.
    public static IEnumerable<object[]> WaysToCacheBehindRouting => OutputCaches.Keys.Where(way => way != "before routing").Select(way => new object[] { way });

    // The cache lets one request of a URL run and holds the others up, for its answer would be theirs too.
    [TestMethod]
    [DynamicData(nameof(WaysToCacheBehindRouting))]
    public async Task An_output_cache_lets_no_caller_hold_up_another(string way)
    {
        var first = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            if (exchange.Request.Values("X-Caller").Single() == "first")
            {
                first.SetResult();
                await release.Task;
            }

            await exchange.RespondAsync();
        });
        await using GatewayHost host = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Services.AddOutputCache(options => options.AddBasePolicy(policy => policy.Cache()));
                builder.AddProxyTo(upstream.Address);
            },
            OutputCaches[way]);

        var held = Answer.OfAsync(host.Address, "GET", "/v1/models", "X-Caller: first");
        await first.Task.WithPatience("the first caller's request");
        Assert.AreEqual(200, (await Answer.OfAsync(host.Address, "GET", "/v1/models", "X-Caller: second")).Status);
        release.SetResult();
        Assert.AreEqual(200, (await held).Status);
    }

    [TestMethod]
    [DynamicData(nameof(WaysToCache))]
    public async Task An_output_cache_keeps_nothing_of_ours(string way)
    {
        await using var upstream = EchoOfKey("Content-Type: text/plain");
        await using var host = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Services.AddOutputCache(options => options.AddBasePolicy(policy => policy.Cache()));
                builder.AddProxyTo(upstream.Address, KeyedTo(upstream));
            },
            OutputCaches[way]);
        foreach (var key in new[] { "a", "b", "a" })
        {
            Assert.AreEqual((200, key), await AskAsync(host, "/v1/models", "x-api-key: " + key));
        }

        Assert.AreEqual(403, (await AskAsync(host, "/v1/models", "X-Headroom-Upstream: http://169.254.169.254")).Status);
        Assert.AreEqual((200, "a"), await AskAsync(host, "/v1/models", "x-api-key: a"));
        Assert.HasCount(4, upstream.Requests);
    }

    [TestMethod]
    public async Task A_page_of_the_apps_that_is_cached_does_not_answer_for_an_upstream()
    {
        var pages = 0;
        await using var upstream = EchoOfKey("Content-Type: text/plain");
        await using var host = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Services.AddOutputCache(options => options.AddBasePolicy(policy => policy.Cache()));
                builder.AddProxyTo(upstream.Address, KeyedTo(upstream), ("Headroom:Upstreams:named", upstream.Address.ToString()));
            },
            app =>
            {
                app.UseOutputCache();
                app.MapFallback(() => $"page {++pages}");
                app.MapHeadroomRoutes();
            });
        Assert.AreEqual((200, "page 1"), await AskAsync(host, "/some/page"));
        Assert.AreEqual((200, "page 1"), await AskAsync(host, "/some/page"));

        Assert.AreEqual((200, "a"), await AskAsync(host, "/some/page", "x-api-key: a", "X-Headroom-Upstream: named"));
        Assert.AreEqual((200, "page 1"), await AskAsync(host, "/some/page"));
    }

    [TestMethod]
    [DataRow("Content-Length: 1\r\nX: y", "")]
    [DataRow("Transfer-Encoding: chunked", "chunked")]
    public async Task A_response_cache_keeps_nothing_of_ours(string framing, string coding)
    {
        await using var upstream = EchoOfKey($"Cache-Control: public, max-age=60\r\nVary: Accept-Encoding\r\n{framing}", coding);
        await using var host = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Services.AddResponseCaching();
                builder.AddProxyTo(upstream.Address, KeyedTo(upstream));
            },
            app =>
            {
                app.UseResponseCaching();
                app.MapHeadroomRoutes();
            });
        foreach (var key in new[] { "a", "b", "a" })
        {
            Assert.AreEqual((200, key), await AskAsync(host, "/v1/models", "x-api-key: " + key));
        }

        Assert.AreEqual(403, (await AskAsync(host, "/v1/models", "X-Headroom-Upstream: http://169.254.169.254")).Status);
        Assert.HasCount(3, upstream.Requests);
    }

    [TestMethod]
    public async Task Without_a_response_cache_the_upstreams_word_on_caching_stands()
    {
        await using var upstream = EchoOfKey("Cache-Control: public, max-age=60\r\nVary: Accept-Encoding\r\nContent-Length: 1");
        await using var host = await Gateway.ToAsync(upstream.Address, KeyedTo(upstream));
        using var response = await host.CreateClient().SendAsync(new(HttpMethod.Get, "/v1/models") { Headers = { { "x-api-key", "a" } } });

        Assert.AreEqual("public, max-age=60", response.Headers.NonValidated["Cache-Control"].ToString());
        Assert.AreEqual("Accept-Encoding", response.Headers.NonValidated["Vary"].ToString());
    }

    [TestMethod]
    [DataRow("GET", "Content-Length: 0")]
    [DataRow("GET", "Transfer-Encoding: chunked")]
    [DataRow("HEAD", "X: y")]
    public async Task An_empty_error_of_an_upstream_gets_no_status_page_and_is_asked_for_once(string method, string framing)
    {
        await using var upstream = RawUpstream.Start(exchange => exchange.WriteAsync($"HTTP/1.1 404 Not Found\r\n{framing}\r\n\r\n{(framing[0] == 'T' ? "0\r\n\r\n" : "")}"));
        await using var host = await GatewayHost.StartAsync(
            builder => builder.AddProxyTo(upstream.Address, ("Headroom:Upstreams:named", upstream.Address.ToString())),
            app =>
            {
                app.UseStatusCodePagesWithReExecute("/page/{0}");
                app.MapHeadroomRoutes();
            });
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request(method, "/v1/models", "X-Headroom-Upstream: named"));
        var response = await client.ReadResponseAsync(toHead: method == "HEAD");

        Assert.AreEqual((404, ""), (response.Status, (await response.ReadToEndAsync()).Text));
        Assert.AreEqual("/v1/models", Assert.ContainsSingle(upstream.Requests).Target);
    }

    [TestMethod]
    public async Task Every_route_is_marked_after_whatever_the_app_says()
    {
        await using var host = await GatewayHost.StartAsync(
            builder => builder.Services.AddHeadroomProxy(),
            app => app.MapHeadroomRoutes().WithMetadata(new OutputCacheAttribute { Duration = 60 }));
        foreach (var endpoint in host.Services.GetRequiredService<EndpointDataSource>().Endpoints)
        {
            Assert.IsTrue(endpoint.Metadata.GetMetadata<OutputCacheAttribute>()?.NoStore, endpoint.DisplayName);
            Assert.IsNotNull(endpoint.Metadata.GetMetadata<ISkipStatusCodePagesMetadata>(), endpoint.DisplayName);
        }
    }

    // A request with x-api-key is Anthropic's.
    private static (string Key, string Value) KeyedTo(RawUpstream upstream) => ("Headroom:Providers:Anthropic:BaseAddress", upstream.Address.ToString());

    // Answers with the one letter that is the caller's key.
    private static RawUpstream EchoOfKey(string headers, string coding = "") => RawUpstream.Start(exchange =>
    {
        var key = exchange.Request.Values("x-api-key").Single();
        var length = headers.Contains("Content-Length", StringComparison.Ordinal) || coding != "" ? "" : "Content-Length: 1\r\n";
        return exchange.WriteAsync($"HTTP/1.1 200 OK\r\n{length}{headers}\r\n\r\n{(coding == "" ? key : $"1\r\n{key}\r\n0\r\n\r\n")}");
    });

    private static async Task<(int Status, string Body)> AskAsync(GatewayHost host, string target, params string[] headers)
    {
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request("GET", target, headers));
        var response = await client.ReadResponseAsync();
        return (response.Status, (await response.ReadToEndAsync()).Text);
    }
}
