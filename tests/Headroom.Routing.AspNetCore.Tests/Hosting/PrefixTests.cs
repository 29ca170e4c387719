using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Hosting;

/// <summary>What is cut from the request target before it is sent on: the gateway's own prefix, as routing saw it, and nothing else.</summary>
[TestClass]
public sealed class PrefixTests
{
    private const string Sent = "https://api.openai.com/v1/models/a%2Fb";

    [TestMethod]
    [DataRow("/llm/v1/models/a%2Fb")]
    [DataRow("/LLM/v1/models/a%2Fb")]
    [DataRow("/%6Clm/v1/models/a%2Fb")]
    [DataRow("/%6cL%4D/v1/models/a%2Fb")]
    public async Task A_prefix_is_cut_however_it_is_spelled(string target)
    {
        await using var upstreams = new Upstreams();
        await using var host = await upstreams.StartAsync(app => app.MapHeadroomRoutes("/llm"));

        Assert.AreEqual(Sent, (await Answer.OfAsync(host.Address, "GET", target)).Url);
    }

    [TestMethod]
    [DataRow("llm")]
    [DataRow("/llm/")]
    [DataRow("llm/")]
    public async Task A_prefix_may_be_given_with_slashes_or_without(string prefix)
    {
        await using var upstreams = new Upstreams();
        await using var host = await upstreams.StartAsync(app => app.MapHeadroomRoutes(prefix));

        Assert.AreEqual(Sent, (await Answer.OfAsync(host.Address, "GET", "/llm/v1/models/a%2Fb")).Url);
    }

    // The root's route is the more exact one, so it must not withdraw for what the path would be below the other prefix.
    [TestMethod]
    [DataRow("POST", "/v1/rerank", "https://api.openai.com/v1/rerank")]
    [DataRow("POST", "/v1/models/g:countTokens", "https://generativelanguage.googleapis.com/v1/models/g:countTokens")]
    public async Task A_prefix_of_a_parameter_takes_nothing_from_the_root(string method, string target, string url)
    {
        await using var upstreams = new Upstreams();
        await using var alone = await upstreams.StartAsync(app => app.MapHeadroomRoutes());
        await using var both = await upstreams.StartAsync(app =>
        {
            app.MapHeadroomRoutes();
            app.MapHeadroomRoutes("/{team}");
        });

        Assert.AreEqual(url, (await Answer.OfAsync(alone.Address, method, target, "Authorization: Bearer some-key")).Url);
        Assert.AreEqual(url, (await Answer.OfAsync(both.Address, method, target, "Authorization: Bearer some-key")).Url);
    }

    [TestMethod]
    [DataRow("/grp/acme")]
    [DataRow("/GRP/Acme%20Inc")]
    [DataRow("/grp/a%2Fb")]
    [DataRow("/grp/a%2fb")]
    [DataRow("/grp/a%252Fb")]
    [DataRow("/grp/a%25b")]
    [DataRow("/grp/%C3%A4%E2%82%AC%F0%9F%90%99")]
    [DataRow("/%67rp/a+b")]
    [DataRow("/grp/v1")]
    [DataRow("/grp/...")]
    public async Task A_groups_parameter_takes_any_segment(string prefix)
    {
        await using var upstreams = new Upstreams();
        await using var host = await upstreams.StartAsync(app => app.MapGroup("/grp/{tenant}").MapHeadroomRoutes());

        var answer = await Answer.OfAsync(host.Address, "GET", prefix + "/v1/models/a%2Fb");

        Assert.AreEqual(Sent, answer.Url, answer.Body);
    }

    [TestMethod]
    [DataRow("/base/grp/acme/llm")]
    [DataRow("/b%61se/grp/a%2Fb/%6Clm")]
    [DataRow("/BASE/Grp/%C3%A4/LLM")]
    [DataRow("/grp/acme/llm")]
    public async Task Path_base_group_and_prefix_are_cut_together(string prefix)
    {
        await using var upstreams = new Upstreams();
        await using var host = await upstreams.StartAsync(app =>
        {
            app.UsePathBase("/base");
            app.UseRouting();
            app.MapGroup("/grp/{tenant}").MapHeadroomRoutes("/llm");
        });

        Assert.AreEqual(Sent, (await Answer.OfAsync(host.Address, "GET", prefix + "/v1/models/a%2Fb")).Url);
        Assert.AreEqual(
            "https://a.example/?q",
            (await Answer.OfAsync(host.Address, "GET", prefix + "?q", "X-Headroom-Upstream: https://a.example")).Url);
        Assert.AreEqual(
            "https://a.example//odd//path",
            (await Answer.OfAsync(host.Address, "GET", prefix + "//odd//path", "X-Headroom-Upstream: https://a.example")).Url);
    }

    [TestMethod]
    [DataRow("/x/../llm/v1/models")]
    [DataRow("/llm/../llm/v1/models")]
    [DataRow("/%2e%2e/llm/v1/models")]
    [DataRow("/./llm/v1/models")]
    [DataRow("/llm/v1/../v1/models")]
    [DataRow("http://{host}/llm/v1/models")]
    public async Task A_target_that_routing_saw_otherwise_is_refused(string target)
    {
        await using var upstreams = new Upstreams();
        await using var host = await upstreams.StartAsync(app => app.MapHeadroomRoutes("/llm"));

        var answer = await Answer.OfAsync(
            host.Address, "GET", target.Replace("{host}", host.Address.Authority, StringComparison.Ordinal), "Authorization: Bearer sk-test");

        Assert.AreEqual((400, "application/json"), (answer.Status, answer.ContentType), answer.Body);
        Assert.AreEqual(0, upstreams.Count);
    }

    [TestMethod]
    public async Task A_path_that_a_middleware_rewrote_counts_as_it_was_rewritten()
    {
        await using var upstreams = new Upstreams();
        await using var host = await upstreams.StartAsync(app =>
        {
            app.Use((context, next) =>
            {
                context.Request.Path = new PathString("/llm").Add(context.Request.Path);
                return next();
            });
            app.UseRouting();
            app.MapHeadroomRoutes("/llm");
        });

        Assert.AreEqual("https://api.openai.com/v1/models", (await Answer.OfAsync(host.Address, "GET", "/v1/models")).Url);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("/llm")]
    public async Task A_rewritten_path_and_query_count_as_they_were_rewritten(string prefix)
    {
        await using var upstreams = new Upstreams();
        await using var host = await upstreams.StartAsync(app =>
        {
            app.Use((context, next) =>
            {
                if (context.Request.Path.StartsWithSegments("/chat", out var rest))
                {
                    context.Request.Path = new PathString(prefix + "/v1/models/a b").Add(rest);
                    context.Request.QueryString = new QueryString("?rewritten=1");
                }

                return next();
            });
            app.UseRouting();
            app.MapHeadroomRoutes(prefix);
        });

        Assert.AreEqual(
            "https://api.openai.com/v1/models/a%20b/x?rewritten=1",
            (await Answer.OfAsync(host.Address, "GET", "/chat/x?key=secret")).Url);
        Assert.AreEqual(400, (await Answer.OfAsync(host.Address, "GET", "/chat/%252e%252e/x")).Status);
    }

    [TestMethod]
    [DataRow("/gw/v1/models/a%2Fb")]
    [DataRow("/v1/models/a%2Fb")]
    [DataRow("/gw/gw/odd")]
    [DataRow("/gw/odd")]
    [DataRow("/odd")]
    public async Task A_path_base_is_cut_only_where_it_is_there(string target)
    {
        await using var upstreams = new Upstreams();
        await using var host = await upstreams.StartAsync(app =>
        {
            // A proxy before the app has cut the prefix and says so, as with X-Forwarded-Prefix; or the app cuts it itself.
            app.UsePathBase("/gw");
            app.Use((context, next) =>
            {
                context.Request.PathBase = "/gw";
                return next();
            });
            app.UseRouting();
            app.MapHeadroomRoutes();
        });
        var expected = target.StartsWith("/gw/", StringComparison.Ordinal) ? target["/gw".Length..] : target;

        var url = (await Answer.OfAsync(host.Address, "GET", target, "X-Headroom-Upstream: https://a.example")).Url;

        Assert.AreEqual("https://a.example" + expected, url);
    }

    [TestMethod]
    public async Task What_a_middleware_changes_after_routing_counts()
    {
        await using var upstreams = new Upstreams();
        await using var host = await upstreams.StartAsync(app =>
        {
            app.UseRouting();
            app.Use((context, next) =>
            {
                context.Request.Headers["X-Headroom-Upstream"] = context.Request.Headers["x-tenant"] == "blue" ? "https://a.example" : "";
                return next();
            });
            app.MapHeadroomRoutes();
        });

        // The catch-all decides while it is matched; the middleware runs after that.
        const string Asked = "X-Headroom-Upstream: openrouter";
        Assert.AreEqual("https://a.example/odd", (await Answer.OfAsync(host.Address, "GET", "/odd", Asked, "x-tenant: blue")).Url);
        Assert.AreEqual(404, (await Answer.OfAsync(host.Address, "GET", "/odd", Asked, "x-tenant: red")).Status);
        Assert.AreEqual("https://a.example/v1/models", (await Answer.OfAsync(host.Address, "GET", "/v1/models", "x-tenant: blue")).Url);
    }

    [TestMethod]
    public async Task Two_prefixes_are_two_doors_to_the_same_proxy()
    {
        await using var upstreams = new Upstreams();
        await using var host = await upstreams.StartAsync(app =>
        {
            app.MapHeadroomRoutes();
            app.MapHeadroomRoutes("/llm");
            app.MapHeadroomRoutes("/llm/inner");
        });
        foreach (var prefix in new[] { "", "/llm", "/llm/inner" })
        {
            Assert.AreEqual(Sent, (await Answer.OfAsync(host.Address, "GET", prefix + "/v1/models/a%2Fb")).Url);
            Assert.AreEqual(
                "https://a.example/odd",
                (await Answer.OfAsync(host.Address, "GET", prefix + "/odd", "X-Headroom-Upstream: https://a.example")).Url);
            Assert.AreEqual(404, (await Answer.OfAsync(host.Address, "GET", prefix + "/odd")).Status);
        }
    }

    [TestMethod]
    public async Task A_host_of_http2_cuts_the_same()
    {
        await using var upstreams = new Upstreams();
        await using var host = await upstreams.StartAsync(app => app.MapGroup("/grp/{tenant}").MapHeadroomRoutes("/llm"));
        await using var client = await RawHttp2Client.ConnectAsync(host.Http2Address);

        Assert.AreEqual(200, (await client.SendAsync("GET", "/grp/a%2Fb/%6Clm/v1/models")).Status);
        Assert.AreEqual(200, (await client.SendAsync("OPTIONS", "/GRP/x/LLM//ws/google.ai.generativelanguage.v1.S")).Status);
        Assert.AreEqual(400, (await client.SendAsync("GET", "/x/../grp/a/llm/v1/models")).Status);
        Assert.AreEqual(400, (await client.SendAsync("GET", "/grp/a/llm/v1/models/mod els")).Status);
        Assert.AreEqual(404, (await client.SendAsync("GET", "/grp/a/llm/odd")).Status);
        Assert.AreEqual(2, upstreams.Count);
    }

    private sealed class Upstreams : IAsyncDisposable
    {
        private readonly EchoHandler _handler = new();

        public int Count => _handler.Count;

        public Task<GatewayHost> StartAsync(Action<WebApplication> map) => GatewayHost.StartAsync(
            builder => builder.Services.AddHeadroomProxy(options => options.AllowedUpstreams.Add("https://a.example"))
                .UseUnguardedPrimaryHandler(_handler),
            map);

        public ValueTask DisposeAsync()
        {
            _handler.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
