using Microsoft.AspNetCore.Builder;

namespace Headroom.Routing.AspNetCore.Tests.Hosting;

/// <summary>The app's own things answer what they answered without the proxy.</summary>
[TestClass]
public sealed class HostUndisturbedTests
{
    private static readonly Dictionary<string, Action<WebApplication>> Mappings = new()
    {
        ["at the root"] = app => app.MapHeadroomRoutes(),
        ["below a prefix"] = app => app.MapHeadroomRoutes("/llm"),
        ["in a group"] = app => app.MapGroup("/grp/{tenant}").MapHeadroomRoutes(),
    };

    private static readonly (string Method, string Target)[] Requests =
    [
        ("GET", "/own"),
        ("GET", "/base/own"),
        ("GET", "/OWN"),
        ("HEAD", "/own"),
        ("POST", "/own"),
        ("OPTIONS", "/own"),
        ("DELETE", "/own/any"),
        ("GET", "/own/7?x=y"),
        ("GET", "/own/seven"),
        ("POST", "/own/any"),
        ("GET", "/grp/acme/settings"),
        ("POST", "/grp/acme/settings"),
        ("POST", "/v1/mine"),
        ("GET", "/site.css"),
        ("GET", "/base/site.css"),
        ("HEAD", "/site.css"),
        ("GET", "/missing.css"),
        ("GET", "/model/details/7"),
        ("POST", "/model/details/7"),
        ("GET", "/model/car/wheel.txt"),
        ("GET", "/model/car/edit"),
        ("GET", "/"),
        ("GET", "/base"),
        ("POST", "/"),
        ("GET", "/some/page"),
        ("DELETE", "/some/page"),
        ("GET", "//some//page"),
        ("GET", "/some%2Fpage/%C3%A4"),
        ("GET", "/some/../own"),
        ("GET", "/favicon.ico"),
        ("GET", "/x/projects/p/locations/l/y"),
        ("GET", "http://other.example/some/page"),
        ("OPTIONS", "*"),
    ];

    public static IEnumerable<object[]> Prefixes =>
        from row in new[]
        {
            ("at the root", ""), ("at the root", "/base"), ("below a prefix", "/llm"), ("below a prefix", "/base/llm"),
            ("in a group", "/grp/acme"), ("in a group", "/base/grp/acme"),
        }
        from fallback in BusyHost.Fallbacks.Keys
        select new object[] { row.Item1, row.Item2, fallback };

    public static IEnumerable<object[]> Cases =>
        from mapping in Mappings.Keys
        from fallback in BusyHost.Fallbacks.Keys
        select new object[] { mapping, fallback };

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public async Task Answers_as_it_did_without_us(string mapping, string fallback)
    {
        await using var without = await BusyHost.StartAsync(map: null, fallback);
        await using var with = await BusyHost.StartAsync(Mappings[mapping], fallback);
        foreach (var (method, target) in Requests)
        {
            Assert.AreEqual(await without.AskAsync(method, target), await with.AskAsync(method, target), $"{method} {target}");
        }

        Assert.AreEqual(0, with.Upstreams.Count);

        // What is compared is what the app means to answer.
        Assert.AreEqual((200, "own"), await StatusAndBodyAsync(with, "/own"));
        Assert.AreEqual((200, "body{}"), await StatusAndBodyAsync(with, "/site.css"));
        Assert.AreEqual((200, "round"), await StatusAndBodyAsync(with, "/model/car/wheel.txt"));
        Assert.AreEqual((200, "model 7"), await StatusAndBodyAsync(with, "/model/details/7"));
        Assert.AreEqual(
            fallback switch { "nothing" => (404, ""), "page" => (404, "page /some/page"), _ => (200, "nothing at /some/page") },
            await StatusAndBodyAsync(with, "/some/page"));
    }

    [TestMethod]
    [DynamicData(nameof(Prefixes))]
    public async Task Ours_answer_what_they_should(string mapping, string prefix, string fallback)
    {
        await using var host = await BusyHost.StartAsync(Mappings[mapping], fallback);
        const string Override = "X-Headroom-Upstream: https://a.example/gw";
        foreach (var (method, path, header, url) in new[]
        {
            ("POST", "/v1/chat/completions", "X: y", "https://api.openai.com/v1/chat/completions"),
            ("GET", "/v1/models?a=%2F&a=", "X: y", "https://api.openai.com/v1/models?a=%2F&a="),
            ("GET", "/v1/models", "anthropic-version: 2023-06-01", "https://api.anthropic.com/v1/models"),
            ("POST", "/v1beta/models/m:generateContent", "X: y", "https://generativelanguage.googleapis.com/v1beta/models/m:generateContent"),
            ("GET", "//ws/google.ai.generativelanguage.v1.S", "X: y", "https://generativelanguage.googleapis.com//ws/google.ai.generativelanguage.v1.S"),
            ("POST", "/v1/projects/p/locations/eu/m:predict", "X: y", "https://aiplatform.eu.rep.googleapis.com/v1/projects/p/locations/eu/m:predict"),
            ("PATCH", "/v1/chat/completions", Override, "https://a.example/gw/v1/chat/completions"),
            ("GET", "/some/page", Override, "https://a.example/gw/some/page"),
            ("GET", "/some/page", "x-goog-api-key: k", "https://generativelanguage.googleapis.com/some/page"),
            ("POST", "/model/m%3A0%2Fx/invoke", Override, "https://a.example/gw/model/m%3A0%2Fx/invoke"),
            ("GET", "/model/car/wheel.txt", Override, "https://a.example/gw/model/car/wheel.txt"),
            ("GET", "/upstream/a%2Fb", Override, "https://a.example/gw/a%2Fb"),
            ("GET", "/@openrouter/models", "X: y", "https://openrouter.ai/api/v1/models"),
        })
        {
            var answer = await host.AskAsync(method, prefix + path, header);
            Assert.AreEqual((200, url), (answer.Status, answer.Url), $"{method} {prefix}{path}: {answer.Body}");
        }
    }

    [TestMethod]
    [DataRow("/own", "own")]
    [DataRow("/base/own", "own")]
    [DataRow("/own/7", "own 7")]
    [DataRow("/model/details/7", "model 7")]
    public async Task Its_own_endpoints_win_whatever_the_request_says(string target, string body)
    {
        await using var host = await BusyHost.StartAsync(app => app.MapHeadroomRoutes());

        var answer = await host.AskAsync("GET", target, "X-Headroom-Upstream: https://a.example", "Authorization: Bearer sk-test");

        Assert.AreEqual((200, body), (answer.Status, answer.Body));
        Assert.AreEqual(0, host.Upstreams.Count);
    }

    [TestMethod]
    public async Task Without_the_catch_all_only_providers_paths_are_ours()
    {
        await using var without = await BusyHost.StartAsync(map: null);
        await using var with = await BusyHost.StartAsync(app => app.MapHeadroomRoutes(), settings: ("Headroom:CatchAll", "false"));
        foreach (var (method, target) in Requests.Append(("GET", "//ws/google.ai.generativelanguage.v1.S")))
        {
            const string Override = "X-Headroom-Upstream: https://a.example";
            Assert.AreEqual(await without.AskAsync(method, target, Override), await with.AskAsync(method, target, Override), $"{method} {target}");
        }

        Assert.AreEqual("https://api.openai.com/v1/models", (await with.AskAsync("GET", "/v1/models")).Url);
        Assert.AreEqual("https://a.example/x", (await with.AskAsync("GET", "/upstream/x", "X-Headroom-Upstream: https://a.example")).Url);
    }

    private static async Task<(int Status, string Body)> StatusAndBodyAsync(BusyHost host, string target)
    {
        var answer = await host.AskAsync("GET", target);
        return (answer.Status, answer.Body);
    }
}
