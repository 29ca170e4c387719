using Headroom.Routing.Upstreams;

namespace Headroom.Routing.Tests.Resolution;

/// <summary>Upstreams by their name: the operator's, then the catalog's, in the header or the path.</summary>
[TestClass]
public sealed class ByNameTests
{
    private static readonly UpstreamResolver Resolver = UpstreamResolver.Create(new HeadroomOptions
    {
        Upstreams =
        {
            ["local"] = "http://127.0.0.1:11434/v1",
            ["DeepSeek"] = "https://deepseek.mycorp.example/api",
            ["a.b_c-1"] = "https://odd.example",
        },
    });

    public static IEnumerable<object[]> Catalog => UpstreamCatalog.ByName.Keys.Order(StringComparer.Ordinal).Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Catalog))]
    public void Every_name_of_the_catalog_works_without_configuration(string name)
    {
        var resolver = UpstreamResolver.Create(new HeadroomOptions());
        var upstream = UpstreamCatalog.ByName[name];

        foreach (var target in new[]
        {
            resolver.Resolves("POST", "/v1/chat/completions", $"X-Headroom-Upstream: {name}"),
            resolver.Resolves("POST", "/chat/completions", $"X-Headroom-Upstream: {name.ToUpperInvariant()}"),
            resolver.Resolves("POST", $"/@{name}/v1/chat/completions"),
        })
        {
            Assert.StartsWith(upstream.Origin + upstream.Path + "/", target.Uri.OriginalString);
            Assert.EndsWith("/chat/completions", target.Uri.OriginalString);
            Assert.AreEqual(UpstreamChoice.Named, target.Choice);
        }
    }

    [TestMethod]
    [DataRow("/v1/chat/completions")]
    [DataRow("/chat/completions")]
    public void A_named_base_that_ends_in_a_version_is_reached_with_and_without_it(string path)
    {
        Assert.AreEqual(
            "https://openrouter.ai/api/v1/chat/completions",
            Resolver.Resolves("POST", path, "X-Headroom-Upstream: openrouter").Uri.OriginalString);
        Assert.AreEqual("https://openrouter.ai/api/v1/chat/completions", Resolver.Resolves("POST", "/@openrouter" + path).Uri.OriginalString);
    }

    [TestMethod]
    [DataRow("local", "http://127.0.0.1:11434/v1/models")]
    [DataRow("LOCAL", "http://127.0.0.1:11434/v1/models")]
    [DataRow(" local ", "http://127.0.0.1:11434/v1/models")]
    [DataRow("a.b_c-1", "https://odd.example/v1/models")]
    public void The_operators_names_are_trusted(string name, string url)
    {
        var target = Resolver.Resolves("GET", "/v1/models", $"X-Headroom-Upstream: {name}");

        Assert.AreEqual(url, target.Uri.OriginalString);
        Assert.AreEqual(UpstreamTrust.Operator, target.Trust);
        Assert.AreEqual(UpstreamChoice.Named, target.Choice);
    }

    [TestMethod]
    public void The_operators_name_goes_before_the_catalogs()
    {
        var target = Resolver.Resolves("GET", "/v1/models", "X-Headroom-Upstream: deepseek");

        Assert.AreEqual("https://deepseek.mycorp.example/api/v1/models", target.Uri.OriginalString);
        Assert.AreEqual((UpstreamChoice.Named, UpstreamTrust.Operator), (target.Choice, target.Trust));

        var listed = Resolver.Resolves("GET", "/v1/models", "X-Headroom-Upstream: OPENROUTER");
        Assert.AreEqual((UpstreamChoice.Named, UpstreamTrust.Public), (listed.Choice, listed.Trust));
    }

    [TestMethod]
    [DataRow("/v1/v1internal:x", "http://127.0.0.1:11434/v1/v1internal:x")]
    [DataRow("/projects/p/locations/us/x", "http://127.0.0.1:11434/v1/projects/p/locations/us/x")]
    public void A_name_in_the_path_joins_as_one_in_the_header(string path, string url)
    {
        Assert.AreEqual(url, Resolver.Resolves("GET", path, "X-Headroom-Upstream: local").Uri.OriginalString);
        Assert.AreEqual(url, Resolver.Resolves("GET", "/@local" + path).Uri.OriginalString);
    }

    [TestMethod]
    [DataRow("//v1/v1internal:x", "https://cloudcode-pa.googleapis.com/v1internal:x")]
    [DataRow("/V1/v1internal:x", "https://cloudcode-pa.googleapis.com/v1internal:x")]
    [DataRow("//projects/p/locations/us/x", "https://aiplatform.us.rep.googleapis.com/v1/projects/p/locations/us/x")]
    public void A_path_is_shaped_however_it_is_spelled(string path, string url) =>
        Assert.AreEqual(url, Resolver.Resolves("GET", path).Uri.OriginalString);

    [TestMethod]
    [DataRow("https://api.z.ai/api/paas/v4", "zai")]
    [DataRow("https://deepseek.mycorp.example/other", "DeepSeek")]
    [DataRow("https://api.deepseek.com", "deepseek")]
    [DataRow("https://api.openai.com/v1", "OpenAI")]
    [DataRow("https://listed.example", "listed.example")]
    [DataRow("https://any.wild.example", null)]
    public void A_URL_is_called_by_the_name_that_its_origin_has(string url, string? name)
    {
        var resolver = UpstreamResolver.Create(new HeadroomOptions
        {
            Upstreams = { ["DeepSeek"] = "https://deepseek.mycorp.example/other" },
            AllowedUpstreams = { "https://listed.example", "*.wild.example" },
        });

        Assert.AreEqual(name, resolver.Resolves("GET", "/v1/models", $"X-Headroom-Upstream: {url}").Name);
    }

    [TestMethod]
    [DataRow("GET", "/v1/models", "X-Headroom-Upstream: deepseek")]
    [DataRow("GET", "/v1/models", "X-Headroom-Upstream: partner")]
    [DataRow("GET", "/v1/models", "X-Headroom-Upstream: https://api.deepseek.com")]
    [DataRow("GET", "/@deepseek/v1/models", "Accept: */*")]
    public void An_upstream_of_the_operators_has_one_name_whatever_callers_call_it(string method, string path, string header)
    {
        var resolver = UpstreamResolver.Create(new HeadroomOptions { Upstreams = { ["partner"] = "https://api.deepseek.com/v1" } });

        Assert.AreEqual("partner", resolver.Resolves(method, path, header).Name);
    }

    [TestMethod]
    [DataRow("no-such-name")]
    [DataRow("openrouter.ai")]
    [DataRow("local:8080")]
    [DataRow("-local")]
    [DataRow("1local")]
    [DataRow("@local")]
    [DataRow("local/v1")]
    public void An_unknown_name_is_refused(string name) =>
        Assert.AreEqual(RefusalReason.InvalidUpstream, Resolver.Refuses("GET", "/v1/models", $"X-Headroom-Upstream: {name}").Reason);

    [TestMethod]
    [DataRow("/@no-such-name/v1/models")]
    [DataRow("/@/v1/models")]
    [DataRow("/@%20/v1/models")]
    [DataRow("/@local%2Fx/v1/models")]
    public void An_unknown_name_in_the_path_is_refused(string path) =>
        Assert.AreEqual(RefusalReason.InvalidUpstream, Resolver.Refuses("GET", path).Reason);

    [TestMethod]
    [DataRow("/@local/v1/models?a=b", "http://127.0.0.1:11434/v1/models?a=b")]
    [DataRow("/%40LoCal/models", "http://127.0.0.1:11434/v1/models")]
    [DataRow("/@l%6Fcal/models", "http://127.0.0.1:11434/v1/models")]
    [DataRow("/@local", "http://127.0.0.1:11434/v1")]
    [DataRow("/@local/", "http://127.0.0.1:11434/v1/")]
    [DataRow("/@a.b_c-1", "https://odd.example/")]
    [DataRow("/@a.b_c-1?q", "https://odd.example/?q")]
    public void The_path_may_name_the_upstream(string path, string url) =>
        Assert.AreEqual(url, Resolver.Resolves("GET", path).Uri.OriginalString);

    [TestMethod]
    [DataRow("X-Headroom-Upstream: local")]
    [DataRow("X-Headroom-Upstream: https://api.deepseek.com")]
    [DataRow("x-headroom-base-url: https://api.deepseek.com")]
    public void A_name_in_the_path_and_an_override_exclude_each_other(string headers) =>
        Assert.AreEqual(RefusalReason.InvalidUpstream, Resolver.Refuses("GET", "/@local/models", headers).Reason);

    [TestMethod]
    public void Without_the_catalog_only_the_operators_names_count()
    {
        var resolver = UpstreamResolver.Create(new HeadroomOptions { AllowCatalog = false, Upstreams = { ["local"] = "http://127.0.0.1:1/v1" } });

        resolver.Resolves("GET", "/@local/models");
        Assert.AreEqual(RefusalReason.InvalidUpstream, resolver.Refuses("GET", "/@openrouter/models").Reason);
        Assert.AreEqual(RefusalReason.InvalidUpstream, resolver.Refuses("GET", "/v1/models", "X-Headroom-Upstream: openrouter").Reason);
        Assert.AreEqual(
            RefusalReason.UpstreamNotAllowed, resolver.Refuses("GET", "/v1/models", "X-Headroom-Upstream: https://openrouter.ai/api/v1").Reason);
    }
}
