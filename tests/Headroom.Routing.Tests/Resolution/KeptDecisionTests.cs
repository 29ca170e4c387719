using Headroom.Routing.Resolution;
using Microsoft.Extensions.Primitives;

namespace Headroom.Routing.Tests.Resolution;

/// <summary>A decision is kept for the next request like it. It must never be given to one that differs in anything that counts.</summary>
[TestClass]
public sealed class KeptDecisionTests
{
    private static readonly string[] Methods = ["GET", "POST", "get"];

    private static readonly string[] Paths =
    [
        "/v1/chat/completions", "//v1/chat/completions", "/v1/models", "/v1/messages", "/v1/ordrs/7", "/v1beta/models/gemini-pro:generateContent", "/other",
        "/@deepseek/v1/chat/completions", "/@deepseek/v1/models", "/v1/models?key=1", "/v1/models?key=2", "/v1/../secret", "/V1/Models",
        "/backend-api/codex/responses", "/model/anthropic.claude/invoke",
    ];

    private static readonly Dictionary<string, StringValues>[] HeaderSets =
    [
        [],
        new() { ["X-Headroom-Upstream"] = "https://api.deepseek.com/v1" },
        new() { ["X-Headroom-Upstream"] = "https://api.deepseek.com" },
        new() { ["X-Headroom-Upstream"] = "deepseek" },
        new() { ["X-Headroom-Upstream"] = "https://evil.example" },
        new() { ["X-Headroom-Upstream"] = new StringValues(["https://api.deepseek.com", "https://api.groq.com"]) },
        new() { ["x-headroom-base-url"] = "https://api.deepseek.com/v1" },
        new() { ["X-Headroom-Upstream"] = "https://api.groq.com/openai", ["x-headroom-base-url"] = "https://api.deepseek.com/v1" },
        new() { ["X-Headroom-Upstream"] = "https://api.deepseek.com", ["x-headroom-original-path"] = "/beta/chat/completions" },
        new() { ["X-Headroom-Upsteam"] = "https://api.deepseek.com/v1" },
        new() { ["Authorization"] = "Bearer sk-1" },
        new() { ["Authorization"] = "Bearer " + Jwt.With("""{"sub":"7"}""") },
        new() { ["Authorization"] = "Bearer " + Jwt.With("""{"sub":"7"}"""), ["anthropic-version"] = "2023-06-01" },
        new() { ["Authorization"] = "Bearer " + Jwt.With("""{"sub":"7"}"""), ["ChatGPT-Account-ID"] = "1" },
        new() { ["Authorization"] = "Bearer " + Jwt.With("""{"https://api.openai.com/auth":{"chatgpt_account_id":"1"}}"""), ["X-Headroom-Upstream"] = "https://api.deepseek.com/v1" },
        new() { ["anthropic-version"] = "2023-06-01" },
        new() { ["x-api-key"] = "sk-ant-1", ["anthropic-version"] = "2023-06-01" },
        new() { ["x-api-key"] = "sk-ant-1" },
        new() { ["x-goog-api-key"] = "AIza1" },
    ];

    [TestMethod]
    public void A_decision_is_the_same_whatever_was_decided_before()
    {
        var used = Create();
        var cases = (
            from method in Methods
            from path in Paths
            from headers in HeaderSets
            select (method, path, headers)).ToArray();
        var expected = cases.Select(one => Describe(Create(), one)).ToArray();
        Assert.IsGreaterThan(20, expected.Distinct().Count());

        var random = new Random(1);
        for (var round = 0; round < 3; round++)
        {
            foreach (var i in Enumerable.Range(0, cases.Length).OrderBy(_ => random.Next()))
            {
                Assert.AreEqual(expected[i], Describe(used, cases[i]), $"{cases[i].method} {cases[i].path} {string.Join(", ", cases[i].headers)}");
            }
        }
    }

    [TestMethod]
    public void A_query_is_never_kept_and_a_plain_path_is()
    {
        var resolver = Create();
        Assert.AreSame(Target(resolver, "/v1/models"), Target(resolver, "/v1/models"));
        Assert.AreNotSame(Target(resolver, "/v1/models?key=1"), Target(resolver, "/v1/models?key=1"));
    }

    [TestMethod]
    public void A_known_decision_allocates_nothing()
    {
        var resolver = Create();
        var headers = resolver.Headers.Read(HeaderSets[1]);
        _ = resolver.Decide("POST", "/v1/chat/completions", headers);

        var before = GC.GetAllocatedBytesForCurrentThread();
        _ = resolver.Decide("POST", "/v1/chat/completions", headers);
        Assert.AreEqual(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [TestMethod]
    public void A_full_cache_starts_afresh()
    {
        var cache = new BoundedCache<string, string>(2);
        cache.Keep("a", "1");
        cache.Keep("b", "2");
        cache.Keep("c", "3");
        Assert.IsFalse(cache.TryFind("a", out _));
        Assert.IsTrue(cache.TryFind("c", out var kept));
        Assert.AreEqual("3", kept);
    }

    private static UpstreamResolver Create() => UpstreamResolver.Create(new HeadroomOptions { AllowedUpstreams = { "https://api.groq.com" } });

    private static UpstreamTarget Target(UpstreamResolver resolver, string path) =>
        resolver.TryResolve("GET", path, HeaderSets[1], out var target, out var refusal) ? target : throw new AssertFailedException(refusal.Message);

    private static string Describe(UpstreamResolver resolver, (string Method, string Path, Dictionary<string, StringValues> Headers) request)
    {
        var decision = resolver.Decide(request.Method, request.Path, resolver.Headers.Read(request.Headers));
        var end = decision.IsTarget(out var target, out var refusal)
            ? $"{target.Uri.OriginalString} {target.Choice} {target.Trust} {target.Provider?.Name}"
            : $"{refusal.Reason} {refusal.Message}";
        return $"{decision.Ownership} {decision.Dialect} {end}";
    }
}
