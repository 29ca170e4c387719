using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Security;

/// <summary>Any page on the web can make a person's browser call a proxy on their own machine.</summary>
[TestClass]
public sealed class BrowserTests
{
    private const string Upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    private static RawUpstream s_upstream = null!;
    private static GatewayHost s_plain = null!;
    private static GatewayHost s_listed = null!;
    private static GatewayHost s_open = null!;

    [ClassInitialize]
    public static async Task Start(TestContext _)
    {
        s_upstream = RawUpstream.Start();
        var provider = ("Headroom:Providers:OpenAI:BaseAddress", s_upstream.Address.OriginalString);
        s_plain = await GatewayHost.StartProxyAsync(provider);
        s_listed = await GatewayHost.StartProxyAsync(provider, ("Headroom:AllowedOrigins:0", "https://chat.example.com"), ("Headroom:AllowedOrigins:1", "https://other.example.com:8443/"));
        s_open = await GatewayHost.StartProxyAsync(provider, ("Headroom:AllowedOrigins:0", "*"));
    }

    [ClassCleanup]
    public static async Task Stop()
    {
        await s_plain.DisposeAsync();
        await s_listed.DisposeAsync();
        await s_open.DisposeAsync();
        await s_upstream.DisposeAsync();
    }

    [TestMethod]
    [DataRow("Origin: https://evil.example\r\n")]
    [DataRow("Origin: http://evil.example:8787\r\n")]
    [DataRow("Origin: null\r\n")]
    [DataRow("Origin: \r\n")]
    [DataRow("Origin: http://127.0.0.1.evil.example\r\n")]
    [DataRow("Origin: http://localhost.evil.example\r\n")]
    [DataRow("Origin: http://evil.example#localhost\r\n")]
    [DataRow("Origin: http://localhost@evil.example\r\n")]
    [DataRow("Origin: chrome-extension://abcdef\r\n")]
    [DataRow("Origin: apps://x\r\n")]
    [DataRow("Origin: https://gateway.test\r\n")]
    [DataRow("Origin: http://gateway.test:81\r\n")]
    [DataRow("Origin: http://gateway.test.evil.example\r\n")]
    [DataRow("Origin: http://gateway.test\r\nOrigin: https://evil.example\r\n")]
    [DataRow("Sec-Fetch-Mode: navigate\r\n")]
    [DataRow("Sec-Fetch-Mode: Navigate\r\n")]
    [DataRow("Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Site: cross-site\r\n")]
    [DataRow("Origin: http://gateway.test\r\nSec-Fetch-Mode: navigate\r\n")]
    [DataRow("Origin: http://localhost:3000\r\nSec-Fetch-Mode: navigate\r\n")]
    public async Task A_foreign_page_or_a_navigation_is_refused(string headers)
    {
        foreach (var (path, extra) in ((string, string)[])[("/v1/models", ""), ("/v1/realtime", Upgrade), ("/any/path", "X-Headroom-Upstream: openai\r\n"), ("/upstream/models", "X-Headroom-Upstream: openai\r\n"), ("/@openai/models", "")])
        {
            var (status, slug, _) = await SendAsync(s_plain, "GET", path, headers + extra);
            Assert.AreEqual((403, "origin_not_allowed"), (status, slug), path);
        }
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("Sec-Fetch-Mode: cors\r\n")]
    [DataRow("Origin: http://gateway.test\r\nSec-Fetch-Mode: cors\r\n")]
    [DataRow("Origin: HTTP://Gateway.test\r\n")]
    [DataRow("Origin: http://localhost:3000\r\n")]
    [DataRow("Origin: https://localhost\r\n")]
    [DataRow("Origin: http://app.localhost:1420\r\n")]
    [DataRow("Origin: http://127.0.0.1:5173\r\n")]
    [DataRow("Origin: http://127.8.9.10\r\n")]
    [DataRow("Origin: http://[::1]:5173\r\n")]
    [DataRow("Origin: app://obsidian.md\r\n")]
    [DataRow("Origin: file://\r\n")]
    [DataRow("Origin: tauri://localhost\r\n")]
    [DataRow("Origin: vscode-webview://1abc\r\n")]
    [DataRow("Origin: vscode-file://vscode-app\r\n")]
    public async Task Programs_own_and_loopback_pages_and_applications_pass(string headers)
    {
        Assert.AreEqual(200, (await SendAsync(s_plain, "GET", "/v1/models", headers)).Status);
        Assert.AreEqual(200, (await SendAsync(s_plain, "GET", "/v1/realtime", headers + Upgrade)).Status);
    }

    [TestMethod]
    [DataRow("https://chat.example.com", 200)]
    [DataRow("HTTPS://CHAT.example.com", 200)]
    [DataRow("https://other.example.com:8443", 200)]
    [DataRow("http://chat.example.com", 403)]
    [DataRow("https://chat.example.com:8443", 403)]
    [DataRow("https://chat.example.com.evil.example", 403)]
    [DataRow("https://evil-chat.example.com", 403)]
    [DataRow("https://other.example.com", 403)]
    public async Task A_listed_origin_passes_and_no_other(string origin, int status)
    {
        Assert.AreEqual(status, (await SendAsync(s_listed, "GET", "/v1/models", $"Origin: {origin}\r\n")).Status);
        Assert.AreEqual(status, (await SendAsync(s_listed, "GET", "/v1/realtime", $"Origin: {origin}\r\n{Upgrade}")).Status);
        Assert.AreEqual(200, (await SendAsync(s_open, "GET", "/v1/models", $"Origin: {origin}\r\n")).Status);
    }

    [TestMethod]
    [DataRow("https://evil.example")]
    [DataRow("http://localhost:3000")]
    [DataRow("http://gateway.test")]
    [DataRow("https://chat.example.com")]
    public async Task A_preflight_is_never_forwarded_whoever_asks(string origin)
    {
        var marker = Guid.NewGuid().ToString("N");
        foreach (var host in (GatewayHost[])[s_plain, s_listed, s_open])
        {
            var (status, _, _) = await SendAsync(
                host, "OPTIONS", $"/v1/chat/completions?{marker}", $"Origin: {origin}\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: x-headroom-upstream\r\n");
            Assert.AreEqual(403, status);
        }

        Assert.IsFalse(s_upstream.Requests.Any(request => request.Target.Contains(marker, StringComparison.Ordinal)));

        // Any other OPTIONS request is the upstream's.
        Assert.AreEqual(200, (await SendAsync(s_plain, "OPTIONS", $"/v1/chat/completions?{marker}", "")).Status);
        Assert.HasCount(1, s_upstream.Requests.Where(request => request.Target.Contains(marker, StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task The_hosts_CORS_policy_goes_on_answering_preflights_and_adding_its_headers()
    {
        await using var upstream = RawUpstream.Start(exchange => exchange.RespondAsync(200, "{}", ("Access-Control-Allow-Origin", "https://upstream.example")));
        await using var host = await GatewayHost.StartAsync(
            builder =>
            {
                builder.Services.AddCors();
                builder.Services.AddHeadroomProxy(options =>
                {
                    options.Providers["OpenAI"] = new ProviderOptions { BaseAddress = upstream.Address.OriginalString };
                    options.AllowedOrigins.Add("https://chat.example.com");
                });
            },
            app =>
            {
                app.UseCors(policy => policy.WithOrigins("https://chat.example.com").AllowAnyHeader().AllowAnyMethod());
                app.MapHeadroomRoutes();
            });

        const string Page = "Origin: https://chat.example.com\r\n";
        var (preflight, _, allowed) = await SendAsync(host, "OPTIONS", "/v1/models", Page + "Access-Control-Request-Method: GET\r\n");
        Assert.AreEqual((204, "https://chat.example.com"), (preflight, allowed));
        Assert.IsEmpty(upstream.Requests);

        Assert.AreEqual((200, null, "https://chat.example.com"), await SendAsync(host, "GET", "/v1/models", Page));

        // An error of ours must be readable by the page that is shown it.
        Assert.AreEqual((400, "invalid_upstream", "https://chat.example.com"), await SendAsync(host, "GET", "/v1/models", Page + "X-Headroom-Upstream: no-such-name\r\n"));

        var (foreign, _, none) = await SendAsync(host, "OPTIONS", "/v1/models", "Origin: https://evil.example\r\nAccess-Control-Request-Method: GET\r\n");
        Assert.AreEqual((204, null), (foreign, none), "The policy's own refusal: an answer without the header.");
        Assert.HasCount(1, upstream.Requests);
    }

    private static async Task<(int Status, string? Slug, string? AllowedOrigin)> SendAsync(GatewayHost host, string method, string path, string headers)
    {
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync($"{method} {path} HTTP/1.1\r\nHost: gateway.test\r\n{headers}\r\n");
        var response = await client.ReadResponseAsync();
        return (response.Status, response.Values(HeadroomHeaders.Error).SingleOrDefault(), response.Values("Access-Control-Allow-Origin").SingleOrDefault());
    }
}
