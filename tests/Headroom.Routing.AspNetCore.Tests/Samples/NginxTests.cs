using System.Globalization;
using System.Text.RegularExpressions;
using Headroom.Routing.AspNetCore.Tests.House;

namespace Headroom.Routing.AspNetCore.Tests.Samples;

/// <summary><c>deploy/nginx.conf</c> beside the library; <c>deploy/scale-out.sh</c> tries the rest of it.</summary>
[TestClass]
public sealed partial class NginxTests
{
    private static readonly string Settings = File.ReadAllText(Path.Combine(Repository.Root, "deploy", "nginx.conf"));

    [TestMethod]
    public void It_endures_silence_for_longer_than_the_gateway()
    {
        var times = Silence().Matches(Settings).ToDictionary(match => match.Groups[1].Value, match => TimeSpan.FromMinutes(int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)));

        CollectionAssert.AreEquivalent(new[] { "client_body_timeout", "send_timeout", "proxy_send_timeout", "proxy_read_timeout" }, times.Keys.ToArray());
        foreach (var (name, time) in times)
        {
            Assert.IsGreaterThan(new HeadroomProxyOptions().IdleTimeout, time, name);
        }
    }

    [TestMethod]
    public void Its_log_has_no_request_line()
    {
        var format = LogFormat().Match(Settings).Groups[1].Value;

        Assert.Contains("$upstream_addr", format);
        foreach (var variable in new[] { "$request ", "$request_uri", "$uri", "$args", "$arg_", "$query_string", "$http_" })
        {
            Assert.DoesNotContain(variable, format + " ");
        }
    }

    [GeneratedRegex(@"^ *(\w+_timeout) (\d+)m;", RegexOptions.Multiline)]
    private static partial Regex Silence();

    [GeneratedRegex(@"log_format \w+ '([^']+)'")]
    private static partial Regex LogFormat();
}
