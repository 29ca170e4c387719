using Headroom.Routing.Policy;

namespace Headroom.Routing.Tests.Policy;

[TestClass]
public class AllowedUpstreamTests
{
    [TestMethod]
    // No scheme means https, no port the scheme's own.
    [DataRow("llm.example.com", "https://llm.example.com", true)]
    [DataRow("llm.example.com", "http://llm.example.com", false)]
    [DataRow("llm.example.com", "https://llm.example.com:8443", false)]
    [DataRow("llm.example.com:8443", "https://llm.example.com:8443", true)]
    [DataRow("llm.example.com:8443", "https://llm.example.com", false)]
    [DataRow("https://llm.example.com:443", "https://llm.example.com", true)]
    [DataRow("HTTP://LLM.Example.com.", "http://llm.example.com", true)]
    [DataRow("  http://llm.example.com/  ", "http://llm.example.com:80", true)]
    [DataRow("llm.example.com", "https://sub.llm.example.com", false)]
    [DataRow("llm.example.com", "https://llm.example.com.evil.example", false)]
    [DataRow("llm.example.com", "https://evil-llm.example.com", false)]
    [DataRow("llm.example.com", "https://llm.example.com.", true)]
    // Any port.
    [DataRow("http://127.0.0.1:*", "http://127.0.0.1:11434", true)]
    [DataRow("http://127.0.0.1:*", "http://127.0.0.1", true)]
    [DataRow("http://127.0.0.1:*", "https://127.0.0.1:11434", false)]
    [DataRow("http://127.0.0.1:*", "http://127.0.0.2:11434", false)]
    [DataRow("http://[::1]:*", "http://[0:0::1]:8080", true)]
    [DataRow("http://[::1]:8080", "http://[::1]", false)]
    // Wildcards.
    [DataRow("*", "https://any.example.com", true)]
    [DataRow("*", "http://any.example.com", false)]
    [DataRow("https://*", "https://any.example.com:8443", false)]
    [DataRow("https://*:*", "https://any.example.com:8443", true)]
    [DataRow("https://*:8443", "https://any.example.com:8443", true)]
    [DataRow("https://*", "https://93.184.215.14", true)]
    [DataRow("*.example.com", "https://a.example.com", true)]
    [DataRow("*.example.com", "https://a.b.example.com", true)]
    [DataRow("*.example.com", "https://example.com", false)]
    [DataRow("*.example.com", "https://badexample.com", false)]
    [DataRow("*.example.com", "https://a.example.com.evil.example", false)]
    [DataRow("*.example.com", "https://A.EXAMPLE.COM.", true)]
    // Compared in the ASCII form.
    [DataRow("https://bücher.example", "https://xn--bcher-kva.example", true)]
    [DataRow("https://xn--bcher-kva.example", "https://BÜCHER.example", true)]
    [DataRow("https://example.com", "https://ex\u0430mple.com", false)]
    public void Covers_an_origin(string entry, string upstream, bool covers)
    {
        Assert.IsTrue(AllowedUpstream.TryParse("key", entry, out var parsed, out var fault), fault);
        Assert.AreEqual(covers, parsed.CoversOrigin(UpstreamOverride.Parse(upstream)));
        Assert.AreEqual(entry.Contains("//*", StringComparison.Ordinal) || entry.StartsWith('*'), parsed.IsWildcard);
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow("")]
    [DataRow(" ")]
    [DataRow("https://")]
    [DataRow("://host.example")]
    [DataRow("ftp://host.example")]
    [DataRow("wss://host.example")]
    [DataRow("https://user@host.example")]
    [DataRow("https://host.example?x=1")]
    [DataRow("https://host.example/a#b")]
    [DataRow("https://host.example/a/../b")]
    [DataRow("https://host.example:0")]
    [DataRow("https://host.example:65536")]
    [DataRow("https://host.example:")]
    [DataRow("https://host.example:**")]
    [DataRow("https://host.example:80*")]
    [DataRow("https://ho*st.example")]
    [DataRow("https://*host.example")]
    [DataRow("https://host.*")]
    [DataRow("https://*.*.example")]
    [DataRow("https://*.")]
    [DataRow("https://*.10.0.0.1")]
    [DataRow("https://*.[::1]")]
    [DataRow("http://127.1:*")]
    [DataRow("http://2130706433")]
    [DataRow("https://*.7")]
    [DataRow("https://**")]
    [DataRow("https://*.local")]
    [DataRow("https://*.corp")]
    [DataRow("https://*.svc.cluster.local")]
    [DataRow("https://a.example, https://b.example")]
    [DataRow("https://a b.example")]
    [DataRow(@"https://a.example\b")]
    public void An_entry_that_cannot_be_read_stops_the_start_and_says_why(string? entry)
    {
        Assert.IsFalse(AllowedUpstream.TryParse("key", entry, out _, out var fault));
        Assert.IsFalse(string.IsNullOrWhiteSpace(fault));

        var options = new HeadroomOptions { AllowedUpstreams = { "https://fine.example", entry! } };
        var thrown = Assert.ThrowsExactly<ArgumentException>(() => UpstreamResolver.Create(options));
        Assert.Contains("Headroom:AllowedUpstreams:1: " + fault, thrown.Message);
    }

    [TestMethod]
    public void All_faults_are_listed_at_once()
    {
        var options = new HeadroomOptions { AllowedUpstreams = { "ftp://a.example", "https://b.example?" }, Upstreams = { ["1x"] = "https://c.example", ["d"] = "d" } };
        var message = Assert.ThrowsExactly<ArgumentException>(() => UpstreamResolver.Create(options)).Message;
        foreach (var key in (string[])["AllowedUpstreams:0:", "AllowedUpstreams:1:", "Upstreams:1x:", "Upstreams:d:"])
        {
            Assert.Contains(key, message);
        }
    }
}
