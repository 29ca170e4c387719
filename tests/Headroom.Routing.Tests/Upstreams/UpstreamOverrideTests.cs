using System.Globalization;

namespace Headroom.Routing.Tests.Upstreams;

[TestClass]
public class UpstreamOverrideTests
{
    public static IEnumerable<object[]> Accepted =>
        CaseFile.Read("override-values.tsv").Where(row => row["result"] == "ok").Select("value", "normalized");

    public static IEnumerable<object[]> Refused =>
        CaseFile.Read("override-values.tsv").Where(row => row["result"] == "error").Select("value");

    [TestMethod]
    [DynamicData(nameof(Accepted))]
    public void Normalizes(string value, string normalized)
    {
        Assert.IsTrue(UpstreamOverride.TryParse(value, out var upstream, out var refusal), refusal?.Message);
        Assert.AreEqual(normalized, upstream.ToString());
    }

    [TestMethod]
    [DynamicData(nameof(Refused))]
    public void Refuses(string value)
    {
        Assert.IsFalse(UpstreamOverride.TryParse(value, out var upstream, out var refusal));
        Assert.IsNull(upstream);
        Assert.AreEqual(RefusalReason.InvalidUpstream, refusal.Reason);
    }

    [TestMethod]
    [DataRow("https://user:secret@host.example.com", "user info")]
    [DataRow("https://host.example.com/v1?key=secret", "query")]
    [DataRow("https://host.example.com/v1#secret", "fragment")]
    [DataRow("https://host.example.com\\@secret.example", "backslash")]
    [DataRow("https://host.example.com:", "port")]
    [DataRow("https://host.example.com:0", "port")]
    [DataRow("https://host.example.com:99999", "port")]
    [DataRow("https://host.example.com:+80", "port")]
    [DataRow("https://host.example.com: 80", "white space")]
    [DataRow("https://host.example.com:80:81", "port")]
    [DataRow("https://[fe80::1%25eth0]/", "host")]
    [DataRow("https://ho%73t.example.com", "host")]
    [DataRow("https://[::1", "host")]
    [DataRow("https://[::1]x", "host")]
    [DataRow("https://.", "host")]
    [DataRow("https://a..b", "host")]
    [DataRow("https://host..", "host")]
    [DataRow("https://host.example.com/a b", "white space")]
    [DataRow("https://host.example.com/a\u00e9", "ASCII")]
    [DataRow("https://host.example.com/a/%252e%252e/b", "segment")]
    [DataRow("https://host.example.com/a/..;x=1/b", "segment")]
    [DataRow("https://a.example,https://b.example", "comma")]
    [DataRow("host.example.com", "absolute")]
    [DataRow("gopher://host.example.com", "scheme")]
    [DataRow("https:/host.example.com", "absolute")]
    [DataRow("https:host.example.com", "absolute")]
    [DataRow(null, "empty")]
    public void Names_the_fault_and_never_repeats_the_value(string? value, string fault)
    {
        Assert.IsFalse(UpstreamOverride.TryParse(value, out _, out var refusal));
        StringAssert.Contains(refusal.Message, fault);
        Assert.IsFalse(refusal.Message.Contains("secret", StringComparison.Ordinal));
    }

    [TestMethod]
    public void Refuses_a_value_of_more_than_2048_characters()
    {
        var longest = "https://host.example.com/" + new string('a', UpstreamOverride.MaxLength - 25);
        Assert.IsTrue(UpstreamOverride.TryParse(longest, out _));
        Assert.IsFalse(UpstreamOverride.TryParse(longest + "a", out _));
    }

    // What is judged must be what is dialed, whatever the spelling hides.
    [TestMethod]
    [DataRow("http://127.0.0.1", "127.0.0.1")]
    [DataRow("http://0.0.0.0:80", "0.0.0.0")]
    [DataRow("http://[0:0:0:0:0:0:0:1]", "[::1]")]
    [DataRow("http://[::ffff:7f00:1]", "[::ffff:127.0.0.1]")]
    [DataRow("http://LOCALHOST.", "localhost")]
    public void Shows_the_host_that_would_be_dialed(string value, string host)
    {
        Assert.IsTrue(UpstreamOverride.TryParse(value, out var upstream, out var refusal), refusal?.Message);
        Assert.AreEqual(host, upstream.Host);
        Assert.AreEqual(new Uri(upstream.Origin).Host, upstream.Host);
    }

    [TestMethod]
    public void A_host_in_Unicode_is_used_in_its_ASCII_form()
    {
        Assert.IsTrue(UpstreamOverride.TryParse("https://b\u00fccher.example/v1", out var upstream));
        Assert.AreEqual("https://xn--bcher-kva.example", upstream.ToString());
    }

    [TestMethod]
    public void Keeps_the_path_as_written_beside_the_normalized_one()
    {
        var upstream = UpstreamOverride.Parse("https://openrouter.ai:8443/api/v1/");
        Assert.AreEqual("https://openrouter.ai:8443", upstream.Origin);
        Assert.AreEqual("/api/v1", upstream.Path);
        Assert.AreEqual("/api", upstream.NormalizedPath);
        Assert.AreEqual(8443, upstream.Port);
    }

    [TestMethod]
    public void Is_parsable_as_any_other_value()
    {
        Assert.AreEqual("https://api.deepseek.com", ParseAs<UpstreamOverride>("https://api.deepseek.com/v1").ToString());
        Assert.AreEqual(UpstreamOverride.Parse("https://A.example/v1/"), UpstreamOverride.Parse("https://a.example:443/v1"));
        Assert.AreNotEqual(UpstreamOverride.Parse("https://a.example/v1"), UpstreamOverride.Parse("https://a.example"));
        StringAssert.Contains(Assert.ThrowsExactly<FormatException>(() => ParseAs<UpstreamOverride>("ftp://a.example")).Message, "scheme");

        static T ParseAs<T>(string text)
            where T : ISpanParsable<T> => T.Parse(text, CultureInfo.InvariantCulture);
    }
}
