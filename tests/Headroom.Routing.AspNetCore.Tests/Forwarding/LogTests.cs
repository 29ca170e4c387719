using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Headroom.Routing.AspNetCore.Tests.Forwarding;

/// <summary>Keys stand in headers and, with Gemini's clients, in the query: none comes into a log, however much the host logs.</summary>
[TestClass]
public sealed class LogTests
{
    [TestMethod]
    public async Task No_log_line_of_the_proxy_its_clients_or_the_forwarder_holds_a_key()
    {
        using var closed = new ClosedPort();
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            if (exchange.Request.Target.Contains("break", StringComparison.Ordinal))
            {
                await exchange.StartChunkedAsync();
                await exchange.WriteChunkAsync("part");
                exchange.Close();
            }
            else
            {
                await exchange.RespondAsync(exchange.Request.Target.Contains("fail", StringComparison.Ordinal) ? 500 : 200, "answer");
            }
        });
        await using var sockets = await KestrelUpstream.StartAsync(async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await WebSocketClient.ReceiveAsync(socket, context.RequestAborted);
            context.Abort();
        });
        var host = await GatewayHost.StartAsync(
            builder =>
            {
                // A rule for one provider outranks every filter that a library could add.
                builder.Logging.AddFilter<LogCapture>(_ => true);
                builder.Services.ConfigureHttpClientDefaults(client => client.AddDefaultLogger());
                builder.Services.AddSingleton<IHostResolver>(new FakeResolver());
                builder.AddProxyTo(
                    upstream.Address,
                    ("Headroom:Upstreams:down", closed.Address.ToString()),
                    ("Headroom:Upstreams:missing", "https://missing.example"),
                    ("Headroom:Upstreams:sockets", sockets.Address.ToString()),
                    ("Headroom:Upstreams:untrusted", new UriBuilder(sockets.Address) { Scheme = "https" }.Uri.ToString()));
            },
            app => app.MapHeadroomRoutes());
        await using (host)
        {
            foreach (var target in new[]
            {
                "/v1/models?key=S3CRET", "/v1/models/fail?key=S3CRET", "/v1/models/break?key=S3CRET", "/@down/v1/models?key=S3CRET",
                "/@missing/x?key=S3CRET", "/@untrusted/x?key=S3CRET", "/@nobody/x?key=S3CRET", "/v1/models/%2e%2e/x?key=S3CRET", "/upstream/x?key=S3CRET",
                "/openai/x?key=S3CRET",
            })
            {
                await SendAsync(host, target, "");
            }

            await SendAsync(host, "/v1/models?key=S3CRET", "http://user:S3CRET@127.0.0.1:1/S3CRET?x=S3CRET");
            await SendAsync(host, "/v1/models?key=S3CRET", "http://127.0.0.1:1/S3CRET");
            using (var client = await WebSocketClient.ConnectAsync(host, http2: false, "/@sockets/ws/x?key=S3CRET"))
            {
                await client.SendAsync("S3CRET");
                await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(client.ReceiveAsync);
            }
        }

        // The framework's own line about a request prints its URL; that is for the host to silence. No header's value is in any.
        Assert.IsEmpty(host.Logs.Mentioning("S3CRET").Where(entry => !entry.Category.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal)));
        Assert.IsEmpty(host.Logs.Mentioning("of-a-header"));
        Assert.IsEmpty(host.Logs.Entries.Where(entry =>
            entry.Category.StartsWith("System.Net.Http", StringComparison.Ordinal) || entry.Category.StartsWith("Yarp", StringComparison.Ordinal)));
        string[] said = [.. host.Logs.Entries.Where(entry => entry.Category.StartsWith("Headroom", StringComparison.Ordinal)).Select(entry => entry.EventId.Name ?? "")];
        CollectionAssert.IsSubsetOf(new[] { "Forwarded", "Refused", "Failed" }, said);
    }

    [TestMethod]
    public async Task A_request_is_one_line_that_tells_the_origin_alone()
    {
        await using var upstream = RawUpstream.Start();
        var host = await Gateway.ToAsync(upstream.Address);
        await using (host)
        {
            await SendAsync(host, "/v1/models?key=S3CRET", "");
        }

        LogEntry entry = Assert.ContainsSingle(host.Logs.Entries.Where(entry => entry.Category == "Headroom.Routing.Requests"));
        Assert.AreEqual((LogLevel.Debug, 1), (entry.Level, entry.EventId.Id));
        Assert.MatchesRegex(
            @"^OpenAI \(default\) to http://127\.0\.0\.1:\d+: 200, first byte after \d+ ms, \d+ ms in all, 0 bytes sent, \d+ received\.$", entry.Message);
    }

    private static async Task SendAsync(GatewayHost host, string target, string upstream)
    {
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request(
            "GET", target, ["Connection: close", "Authorization: Bearer of-a-header", .. upstream.Length > 0 ? new[] { "X-Headroom-Upstream: " + upstream } : []]));
        await client.WaitForEndAsync();
    }
}
