using System.Text.Json;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Security;

/// <summary>The contract's own error rows, as they go over the wire: told in the client's format, and nobody is called.</summary>
[TestClass]
public sealed class ContractErrorTests
{
    public static IEnumerable<object[]> Values => CaseFile.Read("override-values.tsv").Where(row => row["result"] == "error").Select("value");

    public static IEnumerable<object[]> Routes =>
        CaseFile.Read("routes.tsv").Where(row => row["provider"].StartsWith("error: ", StringComparison.Ordinal)).Select("method", "path", "headers", "provider");

    // The default is no way out: with it, the caller's key would reach a company that was not meant.
    [TestMethod]
    [DynamicData(nameof(Values))]
    public async Task A_malformed_override_is_told_and_sent_neither_there_nor_to_the_default(string value)
    {
        await using var fallback = RawUpstream.Start();
        await using var host = await GatewayHost.StartProxyAsync(("Headroom:Providers:OpenAI:BaseAddress", fallback.Address.OriginalString));

        await using var http1 = await RawClient.ConnectAsync(host.Address);
        await http1.SendAsync($"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sk-secret\r\nX-Headroom-Upstream: {value}\r\nContent-Length: 2\r\n\r\n{{}}");
        var response = await http1.ReadResponseAsync();
        AssertTold(response.Status, (await response.ReadToEndAsync()).Text);

        await using var http2 = await RawHttp2Client.ConnectAsync(host.Http2Address);
        var response2 = await http2.SendAsync("POST", "/v1/chat/completions", ("x-headroom-upstream", value));
        AssertTold(response2.Status, response2.Text);
        Assert.AreEqual(0, await fallback.CountConnectionsAsync());
    }

    [TestMethod]
    [DynamicData(nameof(Routes))]
    public async Task A_request_without_an_upstream_or_with_a_bad_path_is_refused_and_sent_nowhere(string method, string path, string headers, string error)
    {
        using var upstreams = new EchoHandler();
        await using var host = await GatewayHost.StartAsync(
            builder => builder.Services.AddHeadroomProxy().UseUnguardedPrimaryHandler(upstreams),
            app => app.MapHeadroomRoutes());

        await using var client = await RawClient.ConnectAsync(host.Address);
        var fields = string.Concat(CaseFile.Headers(headers).Select(header => $"{header.Name}: {header.Value}\r\n"));
        await client.SendAsync($"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n{fields}\r\n");
        var response = await client.ReadResponseAsync();
        var body = (await response.ReadToEndAsync()).Text;

        Assert.AreEqual(error == "error: invalid_upstream" ? 400 : 404, response.Status, body);
        Assert.AreEqual(error, "error: " + response.Values(HeadroomHeaders.Error).Single());
        using var json = JsonDocument.Parse(body);
        Assert.IsFalse(string.IsNullOrEmpty(json.RootElement.GetProperty("error").GetProperty("message").GetString()));
        Assert.AreEqual(0, upstreams.Count);
    }

    private static void AssertTold(int? status, string body)
    {
        Assert.AreEqual(400, status);
        using var json = JsonDocument.Parse(body);
        var error = json.RootElement.GetProperty("error");
        CollectionAssert.AreEqual(new[] { "message", "type", "param", "code" }, error.EnumerateObject().Select(property => property.Name).ToArray());
        Assert.AreEqual("invalid_upstream", error.GetProperty("code").GetString());
        Assert.Contains("upstream", error.GetProperty("message").GetString()!);
    }
}
