using System.Net;
using Headroom.Routing.Resolution;
using Moq;

namespace Headroom.Routing.Tests.Resolution;

/// <summary>What some callers may reach of what everybody may.</summary>
[TestClass]
public class UpstreamReachTests
{
    private static readonly HeadroomOptions Everybody = new()
    {
        AllowedUpstreams = { "http://10.0.0.5", "https://*" },
        Upstreams = { ["named"] = "http://named.internal/base", ["same"] = "https://api.mistral.ai/v1" },
        Providers = { ["OpenAI"] = new ProviderOptions { BaseAddress = "https://gateway.example/v1/ACCT" } },
    };

    public static IEnumerable<object?[]> Rows =>
    [
        // What is opened (providers, upstreams, entries, catalog), and what a request asks for; then the rule by which it may go there, if it may.
        ["OpenAI", "", "", false, "/v1/models", "", UpstreamTrust.Operator],
        ["OpenAI", "", "", false, "/v1/models", "https://gateway.example/v1/ACCT", UpstreamTrust.Operator],
        ["OpenAI", "", "", false, "/v1/models", "https://gateway.example/v1/OTHER", null],
        ["OpenAI", "", "", false, "/v1/messages", "", null],
        ["", "named", "", false, "/base/v1/models?key=/admin", "named", UpstreamTrust.Operator],
        ["", "named", "", false, "/v1/models", "http://named.internal/base", UpstreamTrust.Operator],
        ["", "NAMED", "", false, "/v1/models", "http://named.internal/base/deep", UpstreamTrust.Operator],
        ["", "same", "", false, "/v1/models", "mistral", UpstreamTrust.Operator],
        ["", "same", "", false, "/v2/models", "https://api.mistral.ai", null],
        ["", "deepseek", "", false, "/v1/models", "https://api.deepseek.com/anthropic", UpstreamTrust.Operator],
        ["", "", "http://10.0.0.5/llm", false, "/llm/x", "http://10.0.0.5", UpstreamTrust.Operator],
        ["", "", "http://10.0.0.5/llm", false, "/admin?/llm", "http://10.0.0.5", null],
        ["", "", "http://10.0.0.5/llm", false, "/x", "http://10.0.0.5/llmx", null],
        ["", "", "https://*", false, "/v1/models", "https://any.example", UpstreamTrust.Public],
        ["", "", "https://*", false, "/v1/models", "", UpstreamTrust.Public],
        ["", "", "http://*", false, "/v1/models", "http://10.0.0.5", null],
        ["", "", "http://*", false, "/v1/models", "named", null],
        ["", "", "*.example", false, "/v1/models", "https://openrouter.ai/api", null],
        ["", "", "", true, "/v1/models", "https://openrouter.ai/api", UpstreamTrust.Public],
        ["", "", "", true, "/v1/models", "https://any.example", null],
        ["Vertex", "", "", false, "/v1/projects/p/locations/eu/x", "", UpstreamTrust.Operator],
        ["Vertex", "", "", false, "/v1/projects/p/locations/eu/x", "https://any.example", null],
    ];

    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void Judges_where_the_request_would_go(string providers, string upstreams, string entries, bool catalog, string path, string upstream, UpstreamTrust? trust)
    {
        var resolver = UpstreamResolver.Create(Everybody);
        List<string> errors = [];
        var reach = UpstreamReach.Compile("Key", resolver.Rules, List(providers), List(upstreams), List(entries), catalog, errors);
        Assert.IsEmpty(errors);
        var target = resolver.Resolves("GET", path, $"X-Headroom-Upstream: {upstream}");

        for (var i = 0; i < 2; i++)
        {
            var refusal = reach.Judge(target, out var by);

            Assert.AreEqual(trust is null, refusal is not null);
            Assert.AreEqual(trust ?? by, by);
        }
    }

    [TestMethod]
    [DataRow(false, null)]
    [DataRow(true, UpstreamTrust.Operator)]
    public void Behind_an_egress_proxy_a_wildcard_opens_nothing_unless_the_proxy_is_trusted(bool trusted, UpstreamTrust? trust)
    {
        var proxy = new Mock<IWebProxy>();
        proxy.Setup(one => one.GetProxy(It.IsAny<Uri>())).Returns(new Uri("http://proxy.example"));
        var resolver = UpstreamResolver.Create(new() { TrustEgressProxy = trusted }, egressProxy: proxy.Object);
        var reach = UpstreamReach.Compile("Key", resolver.Rules, [], [], ["https://*"], false, []);

        var refusal = reach.Judge(resolver.Resolves("GET", "/v1/models"), out var by);

        Assert.AreEqual(trust is null, refusal is not null);
        Assert.AreEqual(trust ?? by, by);
    }

    [TestMethod]
    public void A_target_by_another_rule_is_the_same_but_for_that()
    {
        var target = UpstreamResolver.Create(Everybody).Resolves("GET", "/v1/models?a=b", "X-Headroom-Upstream: named");

        var other = target.By(UpstreamTrust.Public);

        Assert.AreSame(target, target.By(UpstreamTrust.Operator));
        Assert.AreEqual(UpstreamTrust.Public, other.Trust);
        Assert.AreSame(target.Uri, other.Uri);
        Assert.AreEqual(
            (target.Origin, target.Name, target.Provider, target.Choice, "/base/v1/models"), (other.Origin, other.Name, other.Provider, other.Choice, other.Path.ToString()));
    }

    private static string[] List(string text) => text.Length == 0 ? [] : [text];
}
