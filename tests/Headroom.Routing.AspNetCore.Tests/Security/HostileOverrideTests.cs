using System.Net;
using Headroom.Routing.AspNetCore.Tests.Support;
using Headroom.Routing.Testing;

namespace Headroom.Routing.AspNetCore.Tests.Security;

/// <summary>Every class of hostile value, as it goes over the wire: refused with the right status and text, and nobody is called.</summary>
[TestClass]
public sealed class HostileOverrideTests
{
    private const string NotAllowed = "The upstream is not allowed, or does not resolve to a public address.";

    private static RawUpstream s_trap = null!;
    private static GatewayHost s_host = null!;

    // The port is known only at run time, so a row is an index with a name to read.
    public static IEnumerable<object[]> Payloads =>
        HostilePayloads.AimedAt(new IPEndPoint(IPAddress.Loopback, 80)).Select((payload, i) => new object[] { i, Printable(payload.Class + " " + payload.Value) });

    public static IEnumerable<object[]> Internal => HostilePayloads.InternalAddresses.Select(value => new object[] { value });

    [ClassInitialize]
    public static async Task Start(TestContext _)
    {
        s_trap = RawUpstream.Start();
        s_host = await GatewayHost.StartProxyAsync(("Headroom:AllowedUpstreams:0", "https://*:*"), ("Headroom:AllowedUpstreams:1", "http://*:*"));
    }

    [ClassCleanup]
    public static async Task Stop()
    {
        await s_host.DisposeAsync();
        await s_trap.DisposeAsync();
    }

    [TestMethod]
    [DynamicData(nameof(Payloads))]
    public async Task A_hostile_value_is_refused_over_HTTP_1_and_calls_nobody(int index, string name)
    {
        var payload = At(index);
        foreach (var header in (string[])[HeadroomHeaders.Upstream, HeadroomHeaders.BaseUrl])
        {
            await using var client = await RawClient.ConnectAsync(s_host.Address);
            await client.SendAsync($"GET /v1/models HTTP/1.1\r\nHost: x\r\n{header}: {Octets.Utf8(payload.Value)}\r\n\r\n");
            var response = await client.ReadResponseAsync();
            AssertRefused(payload, response.Status, (await response.ReadToEndAsync()).Text, name);
            Assert.AreEqual(payload.IsMalformed ? "invalid_upstream" : "upstream_not_allowed", response.Values(HeadroomHeaders.Error).Single());
            Assert.AreEqual("false", response.Values("x-should-retry").Single());
            Assert.AreEqual("application/json", response.Values("content-type").Single());
        }

        Assert.AreEqual(0, await s_trap.CountConnectionsAsync());
    }

    [TestMethod]
    [DynamicData(nameof(Payloads))]
    public async Task A_hostile_value_is_refused_over_HTTP_2_and_on_the_mount(int index, string name)
    {
        var payload = At(index);
        await using var client = await RawHttp2Client.ConnectAsync(s_host.Http2Address);
        foreach (var path in (string[])["/v1/models", "/upstream/models"])
        {
            var response = await client.SendAsync("GET", path, ("x-headroom-upstream", Octets.Utf8(payload.Value)));
            AssertRefused(payload, response.Status, response.Text, name);
        }

        Assert.AreEqual(0, await s_trap.CountConnectionsAsync());
    }

    [TestMethod]
    [DynamicData(nameof(Internal))]
    public async Task An_internal_address_is_refused_before_it_is_dialed(string value)
    {
        foreach (var suffix in (string[])["", ":8080", "/latest/meta-data"])
        {
            using var response = await SendAsync(("X-Headroom-Upstream", value + suffix));
            Assert.AreEqual(HttpStatusCode.Forbidden, response.StatusCode);
            Assert.Contains(NotAllowed, await response.Content.ReadAsStringAsync());
        }
    }

    [TestMethod]
    [DataRow("X-Headroom-Upstream", "X-Headroom-Upstream")]
    [DataRow("X-Headroom-Upstream", "x-HEADROOM-upstream")]
    [DataRow("x-headroom-base-url", "x-headroom-base-url")]
    public async Task A_repeated_header_is_refused_whatever_stands_in_it(string first, string second)
    {
        foreach (var (one, two) in ((string, string)[])[("https://api.openai.com", s_trap.Address.OriginalString), (s_trap.Address.OriginalString, "https://api.openai.com"), ("openai", "openai"), ("openai", "")])
        {
            await using var client = await RawClient.ConnectAsync(s_host.Address);
            await client.SendAsync($"GET /v1/models HTTP/1.1\r\nHost: x\r\n{first}: {one}\r\n{second}: {two}\r\n\r\n");
            var response = await client.ReadResponseAsync();
            Assert.AreEqual(400, response.Status);
            Assert.Contains("more than once", (await response.ReadToEndAsync()).Text);
        }

        Assert.AreEqual(0, await s_trap.CountConnectionsAsync());
    }

    [TestMethod]
    [DataRow("//127.0.0.1:{0}/models")]
    [DataRow("http://127.0.0.1:{0}/models")]
    [DataRow("@127.0.0.1:{0}/models")]
    [DataRow(":{0}/models")]
    [DataRow(".127.0.0.1/models")]
    [DataRow("/\\127.0.0.1:{0}/models")]
    [DataRow("/../models")]
    [DataRow("/%2e%2e/models")]
    [DataRow("/x#/models")]
    [DataRow("/x?/models")]
    [DataRow("/x /models")]
    [DataRow("/other")]
    public async Task A_hostile_original_path_is_refused(string path)
    {
        using var response = await SendAsync(
            ("X-Headroom-Upstream", "openrouter"), ("x-headroom-original-path", path.Replace("{0}", $"{s_trap.Address.Port}", StringComparison.Ordinal)));
        Assert.AreEqual(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.AreEqual("invalid_upstream", response.Headers.GetValues(HeadroomHeaders.Error).Single());
        Assert.AreEqual(0, await s_trap.CountConnectionsAsync());
    }

    [TestMethod]
    public async Task A_refusal_repeats_nothing_of_what_was_sent()
    {
        foreach (var value in (string[])["http://user:s3cret@127.0.0.1", "https://s3cret.example/?k=s3cret", "http://printer.local/s3cret", "https://a.example/s3cret#"])
        {
            using var response = await SendAsync(("X-Headroom-Upstream", value));
            Assert.DoesNotContain("s3cret", await response.Content.ReadAsStringAsync() + response.Headers);
        }

        Assert.IsEmpty(s_host.Logs.Entries.Where(entry => entry.Category.StartsWith("Headroom", StringComparison.Ordinal) && entry.Mentions("s3cret")));
    }

    private static HostilePayload At(int index) => HostilePayloads.AimedAt(new IPEndPoint(IPAddress.Loopback, s_trap.Address.Port))[index];

    private static void AssertRefused(HostilePayload payload, int? status, string body, string name)
    {
        Assert.AreEqual(payload.IsMalformed ? 400 : 403, status, $"{name}: {body}");
        Assert.AreEqual(payload.IsMalformed, !body.Contains(NotAllowed, StringComparison.Ordinal), $"{name}: {body}");
    }

    private static async Task<HttpResponseMessage> SendAsync(params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        foreach (var (name, value) in headers)
        {
            Assert.IsTrue(request.Headers.TryAddWithoutValidation(name, value));
        }

        return await s_host.CreateClient().SendAsync(request);
    }

    private static string Printable(string text) => string.Concat(text.Take(90).Select(c => c is > ' ' and < '\u007f' ? $"{c}" : $"\\u{(int)c:x4}"));
}
