using System.Net;

namespace Headroom.Routing.Tests.Upstreams;

/// <summary>Parsers disagree about an IPv4 address that is not written as four decimal numbers, so nobody may write one.</summary>
[TestClass]
public class Ipv4SpellingTests
{
    [TestMethod]
    [DataRow("127.1")]
    [DataRow("127.0.1")]
    [DataRow("0x7f.1")]
    [DataRow("0x7f000001")]
    [DataRow("0X7F.0.0.0x1")]
    [DataRow("2130706433")]
    [DataRow("017700000001")]
    [DataRow("0177.0.0.1")]
    [DataRow("00000127.0.0.1")]
    [DataRow("127.0.0.01")]
    [DataRow("127.0.0.1.")]
    [DataRow("0")]
    [DataRow("0x")]
    [DataRow("0x.0x")]
    [DataRow("256")]
    [DataRow("1.2.3.256")]
    [DataRow("1.2.3.4.5")]
    [DataRow("4294967296")]
    [DataRow("99999999999999999999")]
    [DataRow("llm.example.com.7")]
    [DataRow("llm.example.com.0x7f.")]
    [DataRow("llm.example.com.08")]
    // Outside ASCII: digits, circled ones, dots, and what is not shown.
    [DataRow("\uff11\uff12\uff17.0.0.1")]
    [DataRow("\uff11\uff12\uff17.\uff10.\uff10.\uff11")]
    [DataRow("\u2460\u2461\u2466.\u24ea.\u24ea.\u2460")]
    [DataRow("\u0661\u0662\u0667.\u0660.\u0660.\u0661")]
    [DataRow("\ud835\udfcf\ud835\udfd0\ud835\udfd5.0.0.\ud835\udfcf")]
    [DataRow("127\u30020\u30020\u30021")]
    [DataRow("127\uff0e0\uff0e0\uff0e1")]
    [DataRow("127\uff610\uff610\uff611")]
    [DataRow("127.0.0\u00ad.1")]
    public void Refuses_any_other_spelling_of_an_address(string host)
    {
        foreach (var url in (string[])[$"http://{host}", $"https://{host}:8443/v1"])
        {
            Assert.IsFalse(UpstreamOverride.TryParse(url, out var upstream, out var refusal), upstream?.ToString());
            Assert.AreEqual(RefusalReason.InvalidUpstream, refusal.Reason);
            Assert.Contains("write the IPv4 address as four decimal numbers", refusal.Message);
        }
    }

    [TestMethod]
    [DataRow("127.0.0.1")]
    [DataRow("0.0.0.0")]
    [DataRow("255.255.255.255")]
    [DataRow("192.0.2.10")]
    public void Takes_four_decimal_numbers_for_the_address(string host)
    {
        var upstream = UpstreamOverride.Parse($"http://{host}:8080/v1");

        Assert.AreEqual(host, upstream.Host);
        Assert.AreEqual(IPAddress.Parse(host), upstream.Address);
    }

    [TestMethod]
    [DataRow("[::1]")]
    [DataRow("[::ffff:127.0.0.1]")]
    [DataRow("[64:ff9b::7f00:1]")]
    [DataRow("1.example.com")]
    [DataRow("0x7f.example.com")]
    [DataRow("127.0.0.1.example.com")]
    [DataRow("10-0-0-1.example.com")]
    [DataRow("llm.example.com.0xg")]
    [DataRow("llm.example.com.x7")]
    [DataRow("host7")]
    public void Leaves_names_and_IPv6_literals_alone(string host) =>
        Assert.IsTrue(UpstreamOverride.TryParse($"http://{host}", out _, out var refusal), refusal?.Message);
}
