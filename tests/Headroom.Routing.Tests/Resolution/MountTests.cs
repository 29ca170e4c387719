namespace Headroom.Routing.Tests.Resolution;

/// <summary>The mount below which the header's URL is used as it stands.</summary>
[TestClass]
public sealed class MountTests
{
    private static readonly UpstreamResolver Resolver = UpstreamResolver.Create(ResolverAssert.AnyHost);

    [TestMethod]
    [DataRow("https://a.example/v1", "/upstream/v1/models", "https://a.example/v1/v1/models")]
    [DataRow("https://a.example/v1///", "/upstream/models", "https://a.example/v1/models")]
    [DataRow("https://a.example/v1", "/upstream", "https://a.example/v1")]
    [DataRow("https://a.example/v1", "/upstream?q=1", "https://a.example/v1?q=1")]
    [DataRow("https://a.example", "/upstream", "https://a.example/")]
    [DataRow("https://a.example", "/upstream/", "https://a.example/")]
    [DataRow("https://a.example", "/UpStream/a%2Fb:c?x=&x", "https://a.example/a%2Fb:c?x=&x")]
    [DataRow("https://a.example", "/%75pstream/x", "https://a.example/x")]
    [DataRow("https://a.example", "/upstream//x", "https://a.example//x")]
    [DataRow("https://a.example", "//upstream/v1/models", "https://a.example/v1/models")]
    [DataRow("openrouter", "/upstream/v1/models", "https://openrouter.ai/api/v1/v1/models")]
    public void The_rest_of_the_path_follows_the_headers_url(string upstream, string path, string url) =>
        Assert.AreEqual(url, Resolver.Resolves("GET", path, $"X-Headroom-Upstream: {upstream}").Uri.OriginalString);

    [TestMethod]
    [DataRow("")]
    [DataRow("X-Headroom-Upstream:  ")]
    [DataRow("X-Headroom-Upstream: no-such-name")]
    [DataRow("X-Headroom-Upstream: https://a.example,https://b.example")]
    [DataRow("Authorization: Bearer sk-test")]
    public void Without_a_good_header_it_is_refused(string headers) =>
        Assert.AreEqual(RefusalReason.InvalidUpstream, Resolver.Refuses("GET", "/upstream/models", headers).Reason);

    [TestMethod]
    [DataRow("/upstream/../admin")]
    [DataRow("/upstream/%2e%2e/admin")]
    [DataRow("/upstream/x%5c..%5cadmin")]
    [DataRow("/upstream/a b")]
    public void A_hostile_path_is_refused(string path) =>
        Assert.AreEqual(RefusalReason.InvalidUpstream, Resolver.Refuses("GET", path, "X-Headroom-Upstream: https://a.example").Reason);

    [TestMethod]
    public void The_original_proxys_header_works_there_and_its_path_has_no_say() =>
        Assert.AreEqual(
            "https://a.example/v4/models",
            Resolver.Resolves("GET", "/upstream/models", "x-headroom-base-url: https://a.example/v4; x-headroom-original-path: /other").Uri.OriginalString);

    [TestMethod]
    [DataRow("/@deepseek/v1/chat/completions", "https://api.deepseek.com/v1/chat/completions")]
    [DataRow("//@deepseek/v1/chat/completions", "https://api.deepseek.com/v1/chat/completions")]
    [DataRow("///%40OpenRouter/chat/completions", "https://openrouter.ai/api/v1/chat/completions")]
    [DataRow("/@openrouter//v1/chat/completions", "https://openrouter.ai/api/v1/chat/completions")]
    public void A_slash_too_many_does_not_hide_the_name(string path, string url) =>
        Assert.AreEqual(url, Resolver.Resolves("POST", path, "Authorization: Bearer sk-deepseek").Uri.OriginalString);

    [TestMethod]
    [DataRow("/through/here", "/through/here/models")]
    [DataRow("through/here/", "/Through/HERE/models")]
    public void It_may_lie_elsewhere(string mount, string path)
    {
        var resolver = UpstreamResolver.Create(new HeadroomOptions { VerbatimMount = mount, AllowedUpstreams = { "https://*" } });
        const string Headers = "X-Headroom-Upstream: https://a.example/v4";

        Assert.AreEqual("https://a.example/v4/models", resolver.Resolves("GET", path, Headers).Uri.OriginalString);
        Assert.AreEqual("https://a.example/v4/through/models", resolver.Resolves("GET", "/through/models", Headers).Uri.OriginalString);
        Assert.AreEqual("https://a.example/v4/upstream/models", resolver.Resolves("GET", "/upstream/models", Headers).Uri.OriginalString);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("/")]
    public void It_may_be_left_out(string mount)
    {
        var resolver = UpstreamResolver.Create(new HeadroomOptions { VerbatimMount = mount, AllowedUpstreams = { "https://*" } });

        Assert.AreEqual(
            "https://a.example/v4/upstream/models",
            resolver.Resolves("GET", "/upstream/models", "X-Headroom-Upstream: https://a.example/v4").Uri.OriginalString);
        Assert.AreEqual(RefusalReason.NoUpstream, resolver.Refuses("GET", "/upstream/models").Reason);
    }
}
