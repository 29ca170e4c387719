using System.Net;
using Headroom.Routing.Policy;
using Headroom.Routing.Tests.Resolution;
using Moq;

namespace Headroom.Routing.Tests.Policy;

/// <summary>Which upstreams a caller may choose, and by which address rule they are then reached.</summary>
[TestClass]
public class UpstreamPolicyTests
{
    [TestMethod]
    // An exact entry, a base and a named upstream open their origin by the operator's rule, at or below their path.
    [DataRow("http://10.0.0.5/llm", "/v1/models", UpstreamTrust.Operator)]
    [DataRow("http://10.0.0.5/llm/deep", "/v1/models", UpstreamTrust.Operator)]
    [DataRow("http://10.0.0.5", "/llm/v1/models", UpstreamTrust.Operator)]
    [DataRow("http://10.0.0.5", "/v1/models", null)]
    [DataRow("http://10.0.0.5/admin", "/v1/models", null)]
    [DataRow("http://10.0.0.5/llmx", "/v1/models", null)]
    [DataRow("http://10.0.0.5/LLM", "/v1/models", null)]
    [DataRow("http://10.0.0.5:8080/llm", "/v1/models", null)]
    [DataRow("https://10.0.0.5/llm", "/v1/models", null)]
    [DataRow("http://named.internal/base", "/v1/models", UpstreamTrust.Operator)]
    [DataRow("http://named.internal/other", "/v1/models", null)]
    [DataRow("https://gateway.example/v1/ACCT", "/v1/models", UpstreamTrust.Operator)]
    [DataRow("https://gateway.example/v1/OTHER", "/v1/models", null)]
    // A wildcard opens public addresses only, and the catalog counts as one.
    [DataRow("https://a.wild.example", "/v1/models", UpstreamTrust.Public)]
    [DataRow("https://openrouter.ai/api/v1", "/v1/models", UpstreamTrust.Public)]
    [DataRow("http://openrouter.ai/api/v1", "/v1/models", null)]
    [DataRow("https://openrouter.ai:8443/api/v1", "/v1/models", null)]
    // The most exact entry decides.
    [DataRow("https://exact.wild.example/in", "/v1/models", UpstreamTrust.Operator)]
    [DataRow("https://exact.wild.example/out", "/v1/models", UpstreamTrust.Public)]
    [DataRow("https://unlisted.example", "/v1/models", null)]
    public void The_most_exact_entry_decides(string upstream, string path, UpstreamTrust? trust)
    {
        var options = new HeadroomOptions
        {
            AllowedUpstreams = { "http://10.0.0.5/llm", "*.wild.example", "https://exact.wild.example/in" },
            Upstreams = { ["named"] = "http://named.internal/base" },
            Providers = { ["OpenAI"] = new ProviderOptions { BaseAddress = "https://gateway.example/v1/ACCT" } },
        };
        var resolver = UpstreamResolver.Create(options);
        if (trust is null)
        {
            Assert.AreEqual(RefusalReason.UpstreamNotAllowed, resolver.Refuses("GET", path, $"X-Headroom-Upstream: {upstream}").Reason);
        }
        else
        {
            var target = resolver.Resolves("GET", path, $"X-Headroom-Upstream: {upstream}");
            Assert.AreEqual(trust, target.Trust);
            Assert.AreEqual(UpstreamChoice.Override, target.Choice);
        }
    }

    [TestMethod]
    [DataRow("https://127.0.0.1")]
    [DataRow("https://[::1]")]
    [DataRow("https://10.0.0.1")]
    [DataRow("https://169.254.169.254")]
    [DataRow("https://[::ffff:10.0.0.1]")]
    [DataRow("https://localhost")]
    [DataRow("https://a.localhost")]
    [DataRow("https://metadata.google.internal")]
    [DataRow("https://intranet")]
    [DataRow("https://not-listed.example:8443")]
    public void A_wildcard_never_opens_the_inside_and_says_no_more_than_that(string upstream)
    {
        var refusal = UpstreamResolver.Create(new() { AllowedUpstreams = { "https://*" } }).Refuses("GET", "/v1/models", $"X-Headroom-Upstream: {upstream}");
        Assert.AreEqual(RefusalReason.UpstreamNotAllowed, refusal.Reason);
        Assert.AreEqual(NotAllowed.Message, refusal.Message);
        Assert.IsNotNull(refusal.Detail);
    }

    [TestMethod]
    [DataRow("http://a.example", "http://a.example: no entry of the allow-list covers it")]
    [DataRow("http://10.0.0.5/admin", "http://10.0.0.5: this path is not covered by Headroom:AllowedUpstreams:1, Headroom:Upstreams:local")]
    [DataRow("https://vault.corp", "https://vault.corp: Headroom:AllowedUpstreams:0 covers it for public addresses only, and the name is an internal one")]
    [DataRow("https://10.0.0.5", "https://10.0.0.5: Headroom:AllowedUpstreams:0 covers it for public addresses only, and the address is not public")]
    public void The_log_is_told_which_entry_was_meant(string upstream, string detail) => Assert.AreEqual(
        detail,
        UpstreamResolver.Create(new() { AllowedUpstreams = { "https://*", "http://10.0.0.5/llm" }, Upstreams = { ["local"] = "http://10.0.0.5/v1" } })
            .Refuses("GET", "/x", $"X-Headroom-Upstream: {upstream}").Detail);

    [TestMethod]
    [DataRow("X-Headroom-Upstream: local; x-headroom-original-path: /admin/models")]
    [DataRow("X-Headroom-Upstream: http://10.0.0.5/llm; x-headroom-original-path: /admin/models")]
    [DataRow("X-Headroom-Upstream: http://10.0.0.5/llm; x-headroom-original-path: /llmx/models")]
    public void An_original_path_stays_below_the_base_of_an_upstream_by_name_or_by_URL(string headers)
    {
        var resolver = UpstreamResolver.Create(new() { Upstreams = { ["local"] = "http://10.0.0.5/llm" } });
        Assert.AreEqual(RefusalReason.UpstreamNotAllowed, resolver.Refuses("GET", "/v1/models", headers).Reason);
        Assert.AreEqual(
            "http://10.0.0.5/llm/x/models",
            resolver.Resolves("GET", "/v1/models", headers[..headers.IndexOf(';', StringComparison.Ordinal)] + "; x-headroom-original-path: /llm/x/models").Uri.OriginalString);
    }

    [TestMethod]
    public void Where_an_egress_proxy_applies_only_what_the_operator_named_goes_through_it()
    {
        var options = new HeadroomOptions { AllowedUpstreams = { "https://*", "https://exact.example" }, Upstreams = { ["mine"] = "https://mine.example" } };
        var resolver = UpstreamResolver.Create(options, egressProxy: ProxyBypassing("direct.example"));

        foreach (var refused in (string[])["https://any.example", "deepseek", "https://api.deepseek.com"])
        {
            Assert.AreEqual(RefusalReason.UpstreamNotAllowed, resolver.Refuses("GET", "/v1/models", $"X-Headroom-Upstream: {refused}").Reason, refused);
        }

        foreach (var allowed in (string[])["https://exact.example", "mine", "https://mine.example", "https://api.openai.com"])
        {
            Assert.AreEqual(UpstreamTrust.Operator, resolver.Resolves("GET", "/v1/models", $"X-Headroom-Upstream: {allowed}").Trust, allowed);
        }

        Assert.AreEqual(UpstreamTrust.Public, resolver.Resolves("GET", "/v1/models", "X-Headroom-Upstream: https://direct.example").Trust);
        Assert.AreEqual(UpstreamChoice.Configured, resolver.Resolves("GET", "/v1/models").Choice);
    }

    [TestMethod]
    public void A_trusted_egress_proxy_takes_wildcards_too_but_no_internal_name_or_address()
    {
        var options = new HeadroomOptions { AllowedUpstreams = { "https://*" }, TrustEgressProxy = true };
        var resolver = UpstreamResolver.Create(options, egressProxy: ProxyBypassing("direct.example"));

        // The operator's client is the one that uses the proxy.
        Assert.AreEqual(UpstreamTrust.Operator, resolver.Resolves("GET", "/v1/models", "X-Headroom-Upstream: https://any.example").Trust);
        Assert.AreEqual(UpstreamTrust.Public, resolver.Resolves("GET", "/v1/models", "X-Headroom-Upstream: https://direct.example").Trust);
        foreach (var refused in (string[])["https://127.0.0.1", "https://localhost", "https://[::1]", "https://metadata.google.internal"])
        {
            Assert.AreEqual(RefusalReason.UpstreamNotAllowed, resolver.Refuses("GET", "/v1/models", $"X-Headroom-Upstream: {refused}").Reason, refused);
        }
    }

    private static IWebProxy ProxyBypassing(string host)
    {
        var proxy = new Mock<IWebProxy>();
        proxy.Setup(one => one.IsBypassed(It.Is<Uri>(uri => uri.Host == host))).Returns(true);
        proxy.Setup(one => one.GetProxy(It.Is<Uri>(uri => uri.Host != host))).Returns(new Uri("http://127.0.0.1:9"));
        return proxy.Object;
    }
}
