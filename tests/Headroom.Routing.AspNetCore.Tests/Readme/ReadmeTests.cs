using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Headroom.DemoUpstream;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Readme;

/// <summary>Every C# block of the README, as a reader would copy it.</summary>
[TestClass]
public partial class ReadmeTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "README.md"));

    private static readonly string[] Blocks = [.. CSharpBlock().Matches(Text).Select(match => match.Groups[1].Value)];

    [TestMethod]
    public void Every_block_has_a_test() => Assert.HasCount(8, Blocks);

    [TestMethod]
    public void Every_settings_block_is_JSON()
    {
        var blocks = JsonBlock().Matches(Text);

        Assert.HasCount(2, blocks);
        foreach (Match block in blocks)
        {
            using var _ = JsonDocument.Parse(block.Groups[1].Value);
        }
    }

    [TestMethod]
    public async Task The_two_lines_make_a_gateway()
    {
        await using var upstream = RawUpstream.Start();
        await using var program = await ReadmeProgram.StartHostAsync(
            Block("AddHeadroomProxy();\n\nvar app"), $"--Headroom:AllowedUpstreams:0={upstream.Address}");

        Assert.AreEqual(HttpStatusCode.OK, await PostAsync(program, "/v1/responses", ("X-Headroom-Upstream", upstream.Address.OriginalString)));
        Assert.AreEqual("/v1/responses", (await upstream.NextRequestAsync()).Target);
    }

    [TestMethod]
    public async Task The_gateway_with_a_token_lets_nobody_in_without_it()
    {
        await using var upstream = RawUpstream.Start();
        await using var program = await ReadmeProgram.StartHostAsync(
            Block("ProxyTokenHandler"), $"--Headroom:Providers:OpenAI:BaseAddress={upstream.Address}", "--ProxyToken=let-me-in");

        Assert.AreEqual(HttpStatusCode.Unauthorized, await PostAsync(program, "/llm/v1/responses"));
        Assert.AreEqual(HttpStatusCode.OK, await PostAsync(program, "/llm/v1/responses", ("X-Headroom-Proxy-Token", "let-me-in")));
        var request = await upstream.NextRequestAsync();
        Assert.AreEqual("/v1/responses", request.Target);
        Assert.IsEmpty(request.Values("X-Headroom-Proxy-Token"));
    }

    [TestMethod]
    public async Task The_key_handler_adds_the_key_for_configured_targets_only()
    {
        await using var upstream = RawUpstream.Start();
        await using var program = await ReadmeProgram.StartHostAsync(
            Block("OpenAIKeyHandler"), $"--Headroom:Providers:OpenAI:BaseAddress={upstream.Address}", "--OpenAIKey=sk-of-the-host");

        await PostAsync(program, "/v1/responses");
        Assert.AreEqual("Bearer sk-of-the-host", (await upstream.NextRequestAsync()).Values("Authorization").Single());
        await PostAsync(program, "/v1/responses", ("X-Headroom-Upstream", upstream.Address.OriginalString));
        Assert.IsEmpty((await upstream.NextRequestAsync()).Values("Authorization"));
    }

    [TestMethod]
    public async Task A_provider_of_ones_own_is_routed()
    {
        await using var upstream = RawUpstream.Start();
        await using var program = await ReadmeProgram.StartHostAsync(
            Block("AddProvider"), $"--Headroom:Providers:Voyage:BaseAddress={upstream.Address}");

        Assert.AreEqual(HttpStatusCode.OK, await PostAsync(program, "/v1/rerank"));
        Assert.AreEqual("/v1/rerank", (await upstream.NextRequestAsync()).Target);
        Assert.AreEqual(HttpStatusCode.OK, await PostAsync(program, "/v1/files", ("Authorization", "Bearer pa-key")));
    }

    [TestMethod]
    public async Task Any_HttpClient_honours_the_header()
    {
        await using var upstream = RawUpstream.Start();
        await ReadmeProgram.RunToEndAsync(Block("AddUpstreamOverride", upstream.Address));

        var request = await upstream.NextRequestAsync();
        Assert.AreEqual("/v1/chat/completions", request.Target);
        Assert.IsEmpty(request.Values("X-Headroom-Upstream"));
    }

    [TestMethod]
    public async Task The_sweep_finds_nothing() =>
        await ReadmeProgram.RunToEndAsync(Block("HeadroomSecuritySweep"), "--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=None");

    [TestMethod]
    public async Task The_OpenAI_SDK_reaches_the_upstream_in_its_header() =>
        await RunThroughGatewayAsync("OpenAIClientOptions", "POST /v1/chat/completions", "POST /v1/chat/completions");

    [TestMethod]
    public async Task The_Anthropic_SDK_reaches_the_upstream_in_its_header() =>
        await RunThroughGatewayAsync("AnthropicClient", "POST /v1/messages");

    private static async Task RunThroughGatewayAsync(string marker, params string[] requests)
    {
        await using var demo = await DemoUpstreamServer.StartAsync();
        var passed = new ConcurrentQueue<string>();
        await using var gateway = await GatewayHost.StartAsync(
            builder => builder.Services.AddHeadroomProxy(options => options.AllowedUpstreams.Add(demo.Address.OriginalString)),
            app =>
            {
                app.Use((context, next) =>
                {
                    passed.Enqueue($"{context.Request.Method} {context.Request.Path}");
                    return next();
                });
                app.MapHeadroomRoutes();
            });

        var code = Block(marker, demo.Address).Replace("http://127.0.0.1:8787", gateway.Address.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal);
        await ReadmeProgram.RunToEndAsync(code);
        CollectionAssert.AreEqual(requests, passed);
    }

    /// <summary>The one block that holds a text, sent to where the test has its upstream.</summary>
    private static string Block(string marker, Uri? demoUpstream = null)
    {
        var block = Blocks.Single(block => block.Contains(marker, StringComparison.Ordinal));
        return demoUpstream is null ? block : block.Replace("http://127.0.0.1:9999", demoUpstream.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> PostAsync(ReadmeProgram program, string path, params (string Name, string Value)[] headers)
    {
        using var client = new HttpClient { BaseAddress = program.Address };
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent("{}") };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using var response = await client.SendAsync(request);
        return response.StatusCode;
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharpBlock();

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();
}
