using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Explaining;

/// <summary>The endpoint that explains: what it answers, and where it is mapped.</summary>
[TestClass]
public sealed class ExplainEndpointTests
{
    [TestMethod]
    public async Task A_target_is_told_with_all_that_is_known_of_it()
    {
        await using var upstreams = new WatchedUpstreams();
        await using var gateway = await upstreams.StartAsync(("Headroom:AllowedUpstreams:0", "https://*.example"));

        var explained = await Explained.AskAsync(
            gateway.Address, "POST", "/v1/chat/completions?beta=true&key=s3cr3t", "X-Headroom-Upstream: https://a.example/v1", "x-custom: 1", "Connection: x-custom");

        var shown = explained.Json.EnumerateObject().ToDictionary(property => property.Name, property => property.Value.ToString());
        CollectionAssert.IsSubsetOf(
            new Dictionary<string, string>
            {
                ["method"] = "POST",
                ["path"] = "/v1/chat/completions?beta=...&key=...",
                ["outcome"] = "forwarded",
                ["url"] = "https://a.example/v1/chat/completions?beta=...&key=...",
                ["provider"] = "OpenAI",
                ["providerSource"] = "path",
                ["upstream"] = "https://a.example",
                ["upstreamName"] = "",
                ["choice"] = "header",
                ["joinRule"] = "repeatedPath",
                ["trust"] = "public",
                ["addressRule"] = "every address of it must be public",
                ["client"] = "Headroom.Public",
                ["refusal"] = "",
                ["addresses"] = "",
            },
            shown);
        CollectionAssert.AreEquivalent(new[] { "X-Headroom-Upstream", "x-custom", "Connection" }, explained.DroppedHeaders);
        CollectionAssert.AreEqual(new[] { "login", "path", "mount", "provider", "upstream", "join", "policy", "endpoint", "headers", "client" }, explained.Steps);
        Assert.AreEqual((0, 0), upstreams.Touched);
    }

    [TestMethod]
    public async Task A_refusal_is_told_with_its_status_and_the_cause_that_goes_to_the_log()
    {
        await using var upstreams = new WatchedUpstreams();
        await using var gateway = await upstreams.StartAsync();

        var explained = await Explained.AskAsync(gateway.Address, "POST", "/v1/messages", "X-Headroom-Upstream: http://10.0.0.1/x");

        Assert.AreEqual(("refused", null, 403, "upstream_not_allowed"), (explained.Outcome, explained.Url, explained.Status, explained.Slug));
        Assert.AreEqual("http://10.0.0.1: no entry of the allow-list covers it", explained.Json.GetProperty("refusal").GetProperty("cause").GetString());
        Assert.AreEqual("Anthropic", explained.Text("provider"));
        Assert.IsNull(explained.Text("choice"));
        Assert.IsNull(explained.Text("client"));
        CollectionAssert.AreEqual(new[] { "login", "path", "mount", "provider", "upstream", "join", "policy", "endpoint" }, explained.Steps);
        Assert.AreEqual((0, 0), upstreams.Touched);
    }

    [TestMethod]
    [DataRow("GET")]
    [DataRow("DELETE")]
    [DataRow("OPTIONS")]
    [DataRow("PROPFIND")]
    public async Task Any_method_is_explained(string method)
    {
        await using var upstreams = new WatchedUpstreams();
        await using var gateway = await upstreams.StartAsync();

        Assert.AreEqual(method, (await Explained.AskAsync(gateway.Address, method, "/v1/models")).Text("method"));
        Assert.AreEqual((0, 0), upstreams.Touched);
    }

    [TestMethod]
    public async Task HEAD_gets_the_head_alone()
    {
        await using var upstreams = new WatchedUpstreams();
        await using var gateway = await upstreams.StartAsync();

        var (status, head, body) = await Explained.SendAsync(gateway.Address, "HEAD", "/headroom/explain/v1/models");

        Assert.AreEqual((200, ""), (status, body));
        Assert.Contains("Content-Type: application/json", head);
    }

    [TestMethod]
    public async Task Over_http2_too_and_a_target_that_only_http2_lets_through_is_refused()
    {
        await using var upstreams = new WatchedUpstreams();
        await using var gateway = await upstreams.StartAsync();
        await using var client = await RawHttp2Client.ConnectAsync(gateway.Http2Address);

        Assert.Contains("\"url\": \"https://api.openai.com/v1/models/a%2Fb\"", (await client.SendAsync("GET", "/headroom/explain/v1/models/a%2Fb")).Text);
        Assert.Contains("\"slug\": \"invalid_upstream\"", (await client.SendAsync("GET", "/headroom/explain/v1/mod els")).Text);
    }

    [TestMethod]
    [DataRow("/base/grp/a%2Fb/why", "")]
    [DataRow("/grp/acme/%77hy", "")]
    [DataRow("/grp/acme/why", "//ws/google.ai.generativelanguage.v1beta.S")]
    [DataRow("/grp/acme/why", "/v1/models/a%2Fb%3a?x=&y")]
    public async Task The_endpoints_own_prefix_is_cut_and_the_rest_stays_as_it_came(string prefix, string rest)
    {
        await using var upstreams = new WatchedUpstreams();
        await using var gateway = await upstreams.StartAsync(app =>
        {
            app.UsePathBase("/base");
            app.UseRouting();
            app.MapHeadroomRoutes("/llm");
            app.MapGroup("/grp/{tenant}").MapHeadroomExplain("why");
        });

        var (status, _, body) = await Explained.SendAsync(gateway.Address, "GET", prefix + rest, "X-Headroom-Upstream: openrouter");

        Assert.AreEqual(200, status);
        Assert.Contains($"\"url\": \"https://openrouter.ai/api/v1{(rest.StartsWith("/v1/", StringComparison.Ordinal) ? "/models/a%2Fb%3a?x=&..." : rest.Length > 0 ? rest : "/")}\"", body);
    }

    [TestMethod]
    public async Task It_is_not_there_unless_it_is_mapped()
    {
        await using var upstreams = new WatchedUpstreams();
        await using var gateway = await upstreams.StartAsync(app => app.MapHeadroomRoutes());

        Assert.AreEqual(404, (await Explained.SendAsync(gateway.Address, "GET", "/headroom/explain/v1/models")).Status);
    }

    [TestMethod]
    public async Task Forgetting_the_services_is_told_with_the_call_that_is_missing()
    {
        var failure = await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => GatewayHost.StartAsync(_ => { }, app => app.MapHeadroomExplain()));

        Assert.Contains("MapHeadroomExplain() needs", failure.Message);
        Assert.Contains("AddHeadroomProxy()", failure.Message);
    }

    [TestMethod]
    public async Task An_app_that_caches_everything_does_not_cache_it()
    {
        await using var upstreams = new WatchedUpstreams();
        await using var gateway = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Services.AddOutputCache(options => options.AddBasePolicy(policy => policy.Cache()));
                upstreams.AddTo(builder);
            },
            app =>
            {
                app.UseRouting();
                app.UseOutputCache();
                app.MapHeadroomExplain();
            });

        Assert.AreEqual("https://openrouter.ai/api/v1/models", (await Explained.AskAsync(gateway.Address, "GET", "/v1/models", "X-Headroom-Upstream: openrouter")).Url);
        Assert.AreEqual("https://api.openai.com/v1/models", (await Explained.AskAsync(gateway.Address, "GET", "/v1/models")).Url);
    }
}
