using Microsoft.Extensions.Primitives;

namespace Headroom.Routing.Tests.Resolution;

/// <summary>The headers of the two clients, this library's and the original proxy's.</summary>
[TestClass]
public sealed class OverrideHeaderTests
{
    private const string Path = "/v1/chat/completions";

    private static readonly UpstreamResolver Resolver = UpstreamResolver.Create(ResolverAssert.AnyHost);

    [TestMethod]
    [DataRow("x-headroom-base-url: https://a.example/v1", "https://a.example/v1/chat/completions")]
    [DataRow("X-HEADROOM-BASE-URL: https://a.example/api/paas/v4", "https://a.example/api/paas/v4/chat/completions")]
    [DataRow("x-headroom-base-url: openrouter", "https://openrouter.ai/api/v1/chat/completions")]
    [DataRow("X-Headroom-Upstream: https://a.example; x-headroom-base-url: https://b.example", "https://a.example/v1/chat/completions")]
    [DataRow("X-Headroom-Upstream: https://a.example; x-headroom-base-url: not a url", "https://a.example/v1/chat/completions")]
    [DataRow("X-Headroom-Upstream:  ; x-headroom-base-url: https://b.example", "https://b.example/v1/chat/completions")]
    public void The_original_proxys_header_is_read_where_ours_is_absent(string headers, string url)
    {
        var target = Resolver.Resolves("POST", Path, headers);
        Assert.AreEqual(url, target.Uri.OriginalString);
        Assert.AreNotEqual(UpstreamChoice.Configured, target.Choice);
    }

    [TestMethod]
    [DataRow("x-headroom-base-url: https://user:pw@a.example")]
    [DataRow("x-headroom-base-url: https://a.example,https://b.example")]
    [DataRow("x-headroom-base-url: https://a.example; x-headroom-base-url: https://a.example")]
    [DataRow("X-Headroom-Upstream: https://a.example; X-Headroom-Upstream: https://a.example")]
    [DataRow("X-Headroom-Upstream: https://a.example; x-headroom-upstream: https://b.example")]
    [DataRow("X-Headroom-Upstream: openrouter,deepseek")]
    [DataRow("X-Headroom-Upstream: ,")]
    [DataRow("X-Headroom-Upstream: bad value; x-headroom-base-url: https://b.example")]
    public void A_faulty_header_is_refused_and_never_passed_over(string headers) =>
        Assert.AreEqual(RefusalReason.InvalidUpstream, Resolver.Refuses("POST", Path, headers).Reason);

    [TestMethod]
    public void A_blank_value_beside_another_counts_as_repeated()
    {
        var headers = new Dictionary<string, StringValues>(StringComparer.OrdinalIgnoreCase)
        {
            [HeadroomHeaders.Upstream] = new StringValues(["", "https://a.example"]),
        };

        Assert.IsFalse(Resolver.TryResolve("POST", Path, headers, out _, out var refusal));
        Assert.AreEqual(RefusalReason.InvalidUpstream, refusal.Reason);
    }

    [TestMethod]
    [DataRow("/v1/chat/completions", "/v1/chat/completions")]
    [DataRow("/v1/chat/completions", "/chat/completions")]
    [DataRow("/v1/chat/completions", "/api/paas/v4/chat/completions")]
    [DataRow("/chat/completions", "/openai/deployments/d/chat/completions")]
    [DataRow("/v1beta/models/m%3Ax:generateContent", "/proxy/models/m%3Ax:generateContent")]
    public void An_original_path_is_used_at_the_overrides_origin(string path, string original)
    {
        var headers = $"x-headroom-base-url: https://a.example/ignored/v1; x-headroom-original-path: {original}";

        Assert.AreEqual($"https://a.example{original}?x=1&x=", Resolver.Resolves("POST", path + "?x=1&x=", headers).Uri.OriginalString);
    }

    [TestMethod]
    [DataRow("chat/completions")]
    [DataRow("//evil.example/chat/completions")]
    [DataRow("https://evil.example/chat/completions")]
    [DataRow("/api?x=/chat/completions")]
    [DataRow("/api#/chat/completions")]
    [DataRow("/api\\chat/completions")]
    [DataRow("/api\t/chat/completions")]
    [DataRow("/a b/chat/completions")]
    [DataRow("/ä/chat/completions")]
    [DataRow("/a/../chat/completions")]
    [DataRow("/a/%2e%2e/chat/completions")]
    [DataRow("/a%2f..%2fb/chat/completions")]
    [DataRow("/a/%252e%252e/chat/completions")]
    [DataRow("/..;x/chat/completions")]
    [DataRow("/v4/chat/completion")]
    [DataRow("/v4/xchat/completions/")]
    [DataRow("/admin")]
    [DataRow("/")]
    public void An_original_path_that_breaks_a_rule_is_refused(string original)
    {
        var headers = $"x-headroom-base-url: https://a.example/v1; x-headroom-original-path: {original}";

        Assert.AreEqual(RefusalReason.InvalidUpstream, Resolver.Refuses("POST", Path, headers).Reason);
    }

    [TestMethod]
    public void An_original_path_that_is_repeated_is_refused() =>
        Assert.AreEqual(
            RefusalReason.InvalidUpstream,
            Resolver.Refuses("POST", Path, $"x-headroom-base-url: https://a.example; x-headroom-original-path: {Path}; x-headroom-original-path: {Path}").Reason);

    [TestMethod]
    public void An_original_path_after_a_blank_one_is_not_ignored() =>
        Assert.AreEqual(
            RefusalReason.InvalidUpstream,
            Resolver.Refuses("POST", Path, $"x-headroom-base-url: https://a.example; x-headroom-original-path: ; x-headroom-original-path: /other{Path}").Reason);

    [TestMethod]
    public void An_original_path_without_an_override_means_nothing()
    {
        Assert.AreEqual("https://api.openai.com/v1/chat/completions", Resolver.Resolves("POST", Path, "x-headroom-original-path: /admin").Uri.OriginalString);
        Assert.AreEqual(
            "https://a.example/v1/chat/completions",
            Resolver.Resolves("POST", Path, "x-headroom-base-url: https://a.example; x-headroom-original-path: ").Uri.OriginalString);
    }

    [TestMethod]
    public void An_original_path_does_not_lead_past_the_allow_list()
    {
        var resolver = UpstreamResolver.Create(new HeadroomOptions { AllowedUpstreams = { "https://gw.example/v1/ACCT" } });
        const string Override = "x-headroom-base-url: https://gw.example/v1/ACCT; x-headroom-original-path: ";

        resolver.Resolves("POST", Path, Override + "/v1/ACCT/openai/chat/completions");
        Assert.AreEqual(RefusalReason.UpstreamNotAllowed, resolver.Refuses("POST", Path, Override + "/v1/OTHER/chat/completions").Reason);
        Assert.AreEqual(RefusalReason.UpstreamNotAllowed, resolver.Refuses("POST", Path, Override + "/v1/ACCT2/chat/completions").Reason);
    }
}
