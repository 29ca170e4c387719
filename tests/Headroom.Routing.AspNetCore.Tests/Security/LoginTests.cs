using System.Buffers.Text;
using System.Text;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Headroom.Routing.AspNetCore.Tests.Security;

/// <summary>A ChatGPT login's token opens a person's account: whatever the request asks for, it reaches the configured ChatGPT base alone.</summary>
[TestClass]
public sealed class LoginTests
{
    private const string Account = """{"https://api.openai.com/auth":{"chatgpt_account_id":"acct"}}""";

    private static readonly string Login = "Bearer " + Jwt(Account);

    private static RawUpstream s_chatGpt = null!;
    private static RawUpstream s_other = null!;
    private static GatewayHost s_host = null!;

    [ClassInitialize]
    public static async Task Start(TestContext _)
    {
        s_chatGpt = RawUpstream.Start();
        s_other = RawUpstream.Start();
        s_host = await GatewayHost.StartAsync(
            builder =>
            {
                // Thousands of requests need no log of each.
                builder.Logging.ClearProviders();
                builder.Services.AddHeadroomProxy(options =>
                {
                    foreach (var provider in KnownProviders.All)
                    {
                        options.Providers[provider.Name] = new ProviderOptions { BaseAddress = s_other.Address.OriginalString };
                    }

                    options.Providers["ChatGPT"] = new ProviderOptions { BaseAddress = s_chatGpt.Address.OriginalString };
                    options.Upstreams["other"] = s_other.Address.OriginalString;
                    options.AllowedUpstreams.Add(s_other.Address.OriginalString);
                });
            },
            app =>
            {
                app.MapHeadroomRoutes();
                app.MapHeadroomRoutes("/llm");
            });
    }

    [ClassCleanup]
    public static async Task Stop()
    {
        await s_host.DisposeAsync();
        await s_chatGpt.DisposeAsync();
        await s_other.DisposeAsync();
    }

    [TestMethod]
    public async Task On_every_route_an_override_is_ignored_even_an_invalid_one()
    {
        string[] patterns =
        [
            .. s_host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
                .Where(endpoint => endpoint.Metadata.GetMetadata<HeadroomEndpointMetadata>() is not null)
                .Select(endpoint => endpoint.RoutePattern.RawText!),
        ];
        Assert.IsGreaterThan(60, patterns.Length);
        foreach (var pattern in patterns)
        {
            var path = pattern.Replace("{**rest}", "x", StringComparison.Ordinal).Replace("{**path}", "any/thing", StringComparison.Ordinal).Replace("{name}", "other", StringComparison.Ordinal)
                .Replace("{version}", "v1", StringComparison.Ordinal).Replace('{', 'x').Replace('}', 'x');
            foreach (var header in (string[])[HeadroomHeaders.Upstream, HeadroomHeaders.BaseUrl])
            {
                foreach (var value in (string[])[s_other.Address.OriginalString, "other", "no-such-name", "http://user@x", "https://169.254.169.254"])
                {
                    Assert.AreEqual(200, await SendAsync(path, Login, (header, value)), $"{path} {value}");
                }
            }

            Assert.AreEqual(200, await SendAsync(path, Login, (HeadroomHeaders.Upstream, "other"), ("x-headroom-original-path", "/evil")), path);
            await UpgradeAsync(path);
        }

        Assert.AreEqual(0, await s_other.CountConnectionsAsync());
    }

    [TestMethod]
    public async Task It_is_called_over_HTTP_1_1_even_where_HTTP_2_is_offered()
    {
        await using var upstream = await KestrelUpstream.StartHttp2Async(_ => Task.CompletedTask);
        await using var host = await GatewayHost.StartAsync(
            builder => builder.Services
                .AddHeadroomProxy(options =>
                {
                    options.Providers["ChatGPT"] = new ProviderOptions { BaseAddress = upstream.Address.OriginalString };
                    options.Providers["OpenAI"] = new ProviderOptions { BaseAddress = $"https://localhost:{upstream.Address.Port}" };
                    options.AllowedUpstreams.Add(upstream.Address.OriginalString);
                })
                .ConfigureHttpClients(client => client.UseSocketsHttpHandler((handler, _) => handler.SslOptions = upstream.TrustOptions())),
            app => app.MapHeadroomRoutes());

        // This upstream speaks nothing but HTTP/2: whoever asks it for HTTP/1.1 is sent away.
        Assert.AreEqual(200, await SendAsync(host, "/v1/models", "Bearer sk-key"));
        Assert.AreEqual(502, await SendAsync(host, "/v1/models", Login));
        Assert.AreEqual(502, await SendAsync(host, "/v1/models", "Bearer sk-key", (HeadroomHeaders.Upstream, upstream.Address.OriginalString)));
    }

    [TestMethod]
    [DataRow("/v1/responses", "/backend-api/codex/responses")]
    [DataRow("/v1/responses/compact?x=1", "/backend-api/codex/responses/compact?x=1")]
    [DataRow("/v1/codex/responses", "/backend-api/codex/responses")]
    [DataRow("/backend-api/responses", "/backend-api/codex/responses")]
    [DataRow("/backend-api/codex/responses", "/backend-api/codex/responses")]
    [DataRow("/v1/models", "/backend-api/codex/models")]
    [DataRow("/v1/images/edits", "/backend-api/codex/images/edits")]
    [DataRow("/v1/chat/completions", "/v1/chat/completions")]
    [DataRow("/upstream/responses", "/backend-api/codex/responses")]
    [DataRow("/upstream/models", "/backend-api/codex/models")]
    [DataRow("/@other/v1/responses", "/backend-api/codex/responses")]
    [DataRow("/@no-such-name/responses", "/backend-api/codex/responses")]
    [DataRow("/some/other/path", "/some/other/path")]
    public async Task It_is_called_as_its_own_clients_call_it(string path, string expected)
    {
        var marker = Guid.NewGuid().ToString("N");
        Assert.AreEqual(200, await SendAsync(path, Login, ("X-Marker", marker)));
        var seen = s_chatGpt.Requests.Single(request => request.Values("X-Marker").Contains(marker));
        Assert.AreEqual(expected, seen.Target);
        Assert.AreEqual(s_chatGpt.Address.Authority, seen.Values("Host").Single());
    }

    [TestMethod]
    [DataRow("/v1/responses", "/backend-api/codex/responses")]
    [DataRow("/v1/codex/responses", "/backend-api/codex/responses")]
    public async Task Without_a_catch_all_its_own_paths_are_still_mapped(string path, string expected)
    {
        await using var upstream = RawUpstream.Start();
        await using GatewayHost host = await GatewayHost.StartProxyAsync(
            ("Headroom:Providers:ChatGPT:BaseAddress", upstream.Address.OriginalString), ("Headroom:CatchAll", "false"));

        Assert.AreEqual(200, await SendAsync(host, path, Login));
        Assert.AreEqual(expected, upstream.Requests.Single().Target);
    }

    [TestMethod]
    [DataRow("bearer", true)]
    [DataRow("BEARER", true)]
    [DataRow("Basic", false)]
    [DataRow("Token", false)]
    public async Task The_scheme_counts_in_any_case(string scheme, bool login) =>
        Assert.AreEqual(login, await IsLoginAsync($"{scheme} {Jwt(Account)}"));

    [TestMethod]
    public async Task What_is_a_login_and_what_is_none()
    {
        var plain = "Bearer " + Jwt("""{"sub":"u"}""");
        Assert.IsFalse(await IsLoginAsync(plain));
        Assert.IsTrue(await IsLoginAsync(plain, ("ChatGPT-Account-ID", "acct")));
        Assert.IsFalse(await IsLoginAsync(plain, ("ChatGPT-Account-ID", " ")));
        Assert.IsFalse(await IsLoginAsync("Bearer " + Jwt("""{"https://api.openai.com/auth":{"chatgpt_account_id":" "}}""")));
        Assert.IsFalse(await IsLoginAsync("Bearer a.!!!.c", ("ChatGPT-Account-ID", "acct")));
        Assert.IsFalse(await IsLoginAsync("Bearer sk-proj-123", ("ChatGPT-Account-ID", "acct")));
        Assert.IsFalse(await IsLoginAsync("Bearer sk-a." + Jwt(Account)["e30.".Length..], ("ChatGPT-Account-ID", "acct")));
        Assert.IsFalse(await IsLoginAsync("Bearer " + Jwt("{\"https://api.openai.com/auth\":{\"chatgpt_account_id\":\"\\ud800\"}}")));
        Assert.IsTrue(await IsLoginAsync("Basic dTpw", ("Authorization", Login)));
        Assert.IsTrue(await IsLoginAsync("Bearer sk-first, " + Login));
    }

    private static async Task<bool> IsLoginAsync(string authorization, params (string Name, string Value)[] headers)
    {
        var marker = Guid.NewGuid().ToString("N");
        // A login ignores the bad name; anything else is refused for it.
        var status = await SendAsync("/v1/models", authorization, [.. headers, ("X-Headroom-Upstream", "no-such-name"), ("X-Marker", marker)]);
        Assert.IsTrue(status is 200 or 400, $"{status}");
        Assert.AreEqual(status == 200, s_chatGpt.Requests.Any(request => request.Values("X-Marker").Contains(marker)));
        return status == 200;
    }

    private static Task<int> SendAsync(string path, string authorization, params (string Name, string Value)[] headers) => SendAsync(s_host, path, authorization, headers);

    private static async Task<int> SendAsync(GatewayHost host, string path, string authorization, params (string Name, string Value)[] headers)
    {
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync($"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {authorization}\r\n{string.Concat(headers.Select(header => $"{header.Name}: {header.Value}\r\n"))}\r\n");
        return (await client.ReadResponseAsync()).Status;
    }

    private static async Task UpgradeAsync(string path)
    {
        await using var client = await RawClient.ConnectAsync(s_host.Address);
        await client.SendAsync(
            $"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            + $"Authorization: {Login}\r\nX-Headroom-Upstream: {s_other.Address}\r\n\r\n");
        Assert.AreEqual(200, (await client.ReadResponseAsync()).Status);
    }

    private static string Jwt(string claims) => $"e30.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}.c2ln";
}
