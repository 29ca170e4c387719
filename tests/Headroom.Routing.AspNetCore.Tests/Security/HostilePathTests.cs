using Headroom.Routing.AspNetCore.Tests.Support;

namespace Headroom.Routing.AspNetCore.Tests.Security;

/// <summary>Request targets that try to leave the upstream, or its base path.</summary>
[TestClass]
public sealed class HostilePathTests
{
    // HTTP/1.1 and HTTP/2: Kestrel itself lets these through to the app on at least one of them.
    private static readonly string[] Targets =
    [
        "/v1/../admin", "/v1/./models", "/v1/..", "/v1/%2e%2e/admin", "/v1/.%2E/admin", "/v1/%252e%252e/admin", "/v1/%25252e./admin", "/v1/%25%32%65%25%32%65/admin",
        "/v1/x%2f..%2f..%2fadmin", "/v1/x%5c..%5cadmin", "/v1/..;x=1/admin", "/v1/..%3bx/admin", "/v1/%2e%2e%2fadmin", "/v1/x/..%2f",
        "/upstream/../admin", "/upstream/%2e%2e/admin", "/@local/x%2f..%2f..%2fadmin",
    ];

    private static readonly string[] OnlyOverHttp2 =
    [
        "/v1/a b", "/v1/a\tb", "/v1/a\u0001b", "/v1/a\u007fb", "/v1/a\\..\\admin", "/v1/a#b", "/v1/models#@evil.example", "/v1/\u00e9",
        "/v1/models?a=b#c", "/v1/models?a b", "/v1/models?\u00e9", "/v1/models?a\u0001b", "/@local/a b", "/upstream/a\\b",
    ];

    private static RawUpstream s_upstream = null!;
    private static GatewayHost s_host = null!;

    public static IEnumerable<object[]> Dotted => Targets.Select(target => new object[] { target });

    public static IEnumerable<object[]> Strange => OnlyOverHttp2.Select(target => new object[] { target });

    [ClassInitialize]
    public static async Task Start(TestContext _)
    {
        s_upstream = RawUpstream.Start();
        s_host = await GatewayHost.StartProxyAsync(
            ("Headroom:Upstreams:local", s_upstream.Address + "llm"),
            ("Headroom:Providers:OpenAI:BaseAddress", s_upstream.Address.OriginalString),
            ("Headroom:Providers:Gemini:BaseAddress", s_upstream.Address.OriginalString));
    }

    [ClassCleanup]
    public static async Task Stop()
    {
        await s_host.DisposeAsync();
        await s_upstream.DisposeAsync();
    }

    [TestMethod]
    [DynamicData(nameof(Dotted))]
    public async Task A_dot_segment_is_refused_plain_and_encoded_over_HTTP_1(string target)
    {
        var (status, _) = await GetAsync(target, $"X-Headroom-Upstream: {(target.StartsWith("/@", StringComparison.Ordinal) ? "" : "local")}\r\n");
        Assert.AreEqual(400, status);
        Assert.IsFalse(s_upstream.Requests.Any(request => request.Target.Contains("admin", StringComparison.Ordinal)));
    }

    [TestMethod]
    [DynamicData(nameof(Dotted))]
    [DynamicData(nameof(Strange))]
    public async Task What_HTTP_2_lets_through_is_refused(string target)
    {
        (string, string)[] headers = target.StartsWith("/@", StringComparison.Ordinal) ? [] : [("x-headroom-upstream", "local")];
        await using var client = await RawHttp2Client.ConnectAsync(s_host.Http2Address);
        var response = await client.SendAsync("GET", Octets.Utf8(target), headers);
        Assert.AreEqual(400, response.Status);
        Assert.Contains("invalid_upstream", response.Text);
        Assert.IsFalse(s_upstream.Requests.Any(request => request.Target.Contains("admin", StringComparison.Ordinal)));
    }

    [TestMethod]
    [DataRow("/@local/../admin")]
    [DataRow("/@local/%2e%2e/admin")]
    [DataRow("/x/../../admin")]
    public async Task What_the_server_takes_for_another_path_is_the_hosts(string target)
    {
        var (status, _) = await GetAsync(target, "");
        Assert.AreEqual(404, status);
        Assert.IsFalse(s_upstream.Requests.Any(request => request.Target.Contains("admin", StringComparison.Ordinal)));
    }

    [TestMethod]
    [DataRow("//evil.example/v1/models")]
    [DataRow("//evil.example:80/v1/models")]
    [DataRow("//user@evil.example/v1/models")]
    [DataRow("///evil.example/v1/models")]
    [DataRow("/v1//evil.example/models")]
    [DataRow("/v1/http://evil.example/models")]
    [DataRow("/v1/models@evil.example")]
    [DataRow("/v1/models;evil.example?u=http://evil.example")]
    public async Task A_path_that_looks_like_a_host_stays_on_the_configured_one(string target)
    {
        var (status, _) = await GetAsync(target, "Authorization: Bearer sk-test\r\n");
        Assert.AreEqual(200, status);
        var seen = Assert.ContainsSingle(s_upstream.Requests.Where(request => request.Target == target));
        Assert.AreEqual(s_upstream.Address.Authority, seen.Values("Host").Single());
    }

    [TestMethod]
    [DataRow("169.254.169.254%23")]
    [DataRow("169.254.169.254")]
    [DataRow("evil.example%2f")]
    [DataRow("evil.example%23")]
    [DataRow("evil.example:80%23")]
    [DataRow("user@evil.example")]
    [DataRow("us--central1")]
    [DataRow("-us")]
    [DataRow("us-")]
    [DataRow("US")]
    [DataRow("us.central1")]
    [DataRow("%75s")]
    public async Task A_Vertex_location_that_is_none_never_becomes_a_host(string location)
    {
        foreach (var path in (string[])["/v1/projects/p/locations/{0}/publishers/google/models/m:generateContent", "/projects/p/locations/{0}/x"])
        {
            var (status, body) = await GetAsync(path.Replace("{0}", location, StringComparison.Ordinal), "");
            Assert.AreEqual(400, status, body);
            Assert.Contains("INVALID_ARGUMENT", body);
        }
    }

    [TestMethod]
    [DataRow("GET http://{0}/v1/models HTTP/1.1")]
    [DataRow("GET http://api.openai.com/v1/models HTTP/1.1")]
    [DataRow("POST http://{0}/upstream/models HTTP/1.1")]
    [DataRow("CONNECT {0} HTTP/1.1")]
    [DataRow("OPTIONS * HTTP/1.1")]
    public async Task It_is_no_forward_proxy(string line)
    {
        var before = await s_upstream.CountConnectionsAsync();
        await using var client = await RawClient.ConnectAsync(s_host.Address);
        await client.SendAsync(line.Replace("{0}", s_upstream.Address.Authority, StringComparison.Ordinal)
            + $"\r\nHost: {s_upstream.Address.Authority}\r\nContent-Length: 0\r\nX-Headroom-Upstream: local\r\n\r\n");
        var response = await client.ReadResponseAsync();
        Assert.IsTrue(response.Status is >= 400 and < 500, $"{response.Status}");
        Assert.AreEqual(before, await s_upstream.CountConnectionsAsync());
    }

    private static async Task<(int Status, string Body)> GetAsync(string target, string headers)
    {
        await using var client = await RawClient.ConnectAsync(s_host.Address);
        await client.SendAsync($"GET {target} HTTP/1.1\r\nHost: x\r\n{headers}\r\n");
        var response = await client.ReadResponseAsync();
        return (response.Status, (await response.ReadToEndAsync()).Text);
    }
}
