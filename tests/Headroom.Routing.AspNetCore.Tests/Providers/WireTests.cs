using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Providers;

/// <summary>Paths and queries reach the upstream byte for byte, whichever version of HTTP is spoken on either side.</summary>
[TestClass]
public sealed class WireTests
{
    public static IEnumerable<object[]> Targets =>
    [
        ["/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke"],
        ["/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.anthropic.claude-v1%3A0/converse-stream"],
        ["/model/arn:aws:bedrock:us-east-1:1:inference-profile%2fx/converse"],
        ["/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse&key=k"],
        ["/v1beta/models/gemini-2.5-pro%3AgenerateContent"],
        ["/v1beta/tunedModels/a:b:generateContent"],
        ["/upload/v1beta/files?uploadType=resumable&upload_id=A%2FB%3D%3D&upload_protocol=resumable"],
        ["/v1/projects/p/locations/global/publishers/anthropic/models/claude-sonnet-4-5@20250929:streamRawPredict"],
        ["/v1/files?a=1&a=2&a=&b&=c&&d=%"],
        ["/v1/models?"],
        ["/v1/models?q=%20+%2B%252F?/:@!$'()*,;[]{}|\"<>^`\\"],
        ["/v1/models/a%20b%C3%A4%e2%82%ac%01%7F"],
        ["/v1/models/!$&'()*+,;=:@-._~\"<>[]^`{|}%7b%7B"],
        ["/v1/models//x///y/"],
        ["/v1/models/...%2e../a..b"],
    ];

    private static readonly string[] Providers = ["OpenAI", "Gemini", "Vertex", "Bedrock"];

    [TestMethod]
    [DynamicData(nameof(Targets))]
    public async Task To_an_upstream_of_http1(string target)
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await StartAsync(upstream.Address);

        Assert.AreEqual(200, (await Answer.OfAsync(host.Address, "POST", target)).Status);
        await using var client = await RawHttp2Client.ConnectAsync(host.Http2Address);
        Assert.AreEqual(200, (await client.SendAsync("POST", target)).Status);

        Assert.AreEqual($"POST {target} HTTP/1.1", (await upstream.NextRequestAsync()).RequestLine);
        Assert.AreEqual($"POST {target} HTTP/1.1", (await upstream.NextRequestAsync()).RequestLine);
    }

    [TestMethod]
    [DynamicData(nameof(Targets))]
    public async Task To_an_upstream_of_http2(string target)
    {
        await using var upstream = await KestrelUpstream.StartHttp2Async(context =>
            context.Response.WriteAsync($"{context.Request.Protocol} {context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget}"));
        await using var host = await StartAsync(
            upstream.Address,
            proxy => proxy.ConfigureHttpClients(client => client.UseSocketsHttpHandler((handler, _) => handler.SslOptions = upstream.TrustOptions())));

        Assert.AreEqual($"HTTP/2 {target}", (await Answer.OfAsync(host.Address, "POST", target)).Body);
        await using var client = await RawHttp2Client.ConnectAsync(host.Http2Address);
        Assert.AreEqual($"HTTP/2 {target}", (await client.SendAsync("POST", target)).Text);
    }

    [TestMethod]
    [DataRow("/upstream/a%2Fb%3A:c?x=&x=1&x", "/a%2Fb%3A:c?x=&x=1&x")]
    [DataRow("/@local/v1/a%2Fb%3A:c?x=&x=1&x", "/v1/a%2Fb%3A:c?x=&x=1&x")]
    [DataRow("//ws/google.ai.generativelanguage.v1beta.S?key=a%2Fb", "//ws/google.ai.generativelanguage.v1beta.S?key=a%2Fb")]
    public async Task From_the_mounts_and_with_a_slash_too_many(string target, string sent)
    {
        await using var upstream = RawUpstream.Start();
        await using var host = await StartAsync(upstream.Address);
        string[] headers = target.StartsWith("/@", StringComparison.Ordinal) ? [] : [$"X-Headroom-Upstream: {upstream.Address}"];

        Assert.AreEqual(200, (await Answer.OfAsync(host.Address, "GET", target, headers)).Status);

        Assert.AreEqual(sent, (await upstream.NextRequestAsync()).Target);
    }

    private static Task<GatewayHost> StartAsync(Uri upstream, Action<HeadroomProxyBuilder>? configure = null) => GatewayHost.StartAsync(
        builder =>
        {
            builder.Configuration.AddInMemoryCollection(
            [
                .. Providers.Select(provider => KeyValuePair.Create($"Headroom:Providers:{provider}:BaseAddress", (string?)upstream.ToString())),
                KeyValuePair.Create("Headroom:Upstreams:local", (string?)upstream.ToString()),
            ]);
            var proxy = builder.Services.AddHeadroomProxy();
            configure?.Invoke(proxy);
        },
        app => app.MapHeadroomRoutes());
}
