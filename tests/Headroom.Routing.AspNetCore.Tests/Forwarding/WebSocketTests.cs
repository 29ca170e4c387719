using System.Net.WebSockets;
using System.Text;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Headroom.Routing.AspNetCore.Tests.Forwarding;

/// <summary>WebSockets through the proxy, whichever version of HTTP carries them on either side.</summary>
[TestClass]
public sealed class WebSocketTests
{
    private const string Handshake = "Sec-WebSocket-Version: 13";

    [TestMethod]
    [DataRow(false, false)]
    [DataRow(false, true)]
    [DataRow(true, false)]
    [DataRow(true, true)]
    public async Task Messages_subprotocol_and_close_code_pass_both_ways(bool clientHttp2, bool upstreamHttp2)
    {
        var closed = new TaskCompletionSource<string>();
        string query = "", headers = "";
        RequestDelegate handler = async context =>
        {
            (query, headers) = (context.Request.QueryString.Value!, string.Join("\n", context.Request.Headers.Select(header => $"{header.Key}: {header.Value}")));
            using var socket = await context.WebSockets.AcceptWebSocketAsync("realtime.v2");
            while (await WebSocketClient.ReceiveAsync(socket, context.RequestAborted) is { } text)
            {
                await socket.SendAsync(Encoding.UTF8.GetBytes("echo " + text), WebSocketMessageType.Text, true, context.RequestAborted);
            }

            closed.SetResult($"{(int)socket.CloseStatus!} {socket.CloseStatusDescription}");
            await socket.CloseOutputAsync((WebSocketCloseStatus)4001, "that was all", context.RequestAborted);
        };
        await using var relayed = await RelayedWebSocket.OpenAsync(handler, clientHttp2, upstreamHttp2, "/v1/realtime?model=a%2Fb", options =>
        {
            options.AddSubProtocol("realtime");
            options.AddSubProtocol("realtime.v2");
            options.SetRequestHeader("Authorization", "Bearer sk-1");
            options.SetRequestHeader("X-Headroom-Mode", "control");
            options.SetRequestHeader("Cookie", "of=gateway");
        });
        var client = relayed.Client;
        Assert.AreEqual("realtime.v2", client.Socket.SubProtocol);
        foreach (var text in new[] { "1", "é東", new string('x', 70_000) })
        {
            await client.SendAsync(text);
            Assert.AreEqual("echo " + text, await client.ReceiveAsync());
        }

        await client.CloseAsync((WebSocketCloseStatus)4000, "enough");
        Assert.AreEqual("4000 enough", await Patience.For(closed.Task, "the upstream to see the close"));
        Assert.AreEqual("4001 that was all", $"{(int)client.Socket.CloseStatus!} {client.Socket.CloseStatusDescription}");
        Assert.AreEqual("?model=a%2Fb", query);
        Assert.Contains("Authorization: Bearer sk-1", headers);
        Assert.DoesNotContain("gateway", headers);
        Assert.DoesNotContain("control", headers);
    }

    [TestMethod]
    [DataRow(false, false)]
    [DataRow(false, true)]
    [DataRow(true, false)]
    [DataRow(true, true)]
    public async Task The_upstream_may_be_the_one_that_closes(bool clientHttp2, bool upstreamHttp2)
    {
        await using var relayed = await RelayedWebSocket.OpenAsync(
            async context =>
            {
                using var socket = await context.WebSockets.AcceptWebSocketAsync();
                await socket.CloseAsync((WebSocketCloseStatus)4002, "session expired", context.RequestAborted);
            },
            clientHttp2,
            upstreamHttp2);
        var client = relayed.Client;
        Assert.IsNull(await client.ReceiveAsync());
        Assert.AreEqual("4002 session expired", $"{(int)client.Socket.CloseStatus!} {client.Socket.CloseStatusDescription}");
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "");
    }

    [TestMethod]
    [DataRow("Upgrade", "Upgrade")]
    [DataRow("keep-alive, Upgrade", "upgrade")]
    [DataRow("upgrade, x-hop", "Upgrade, X-Hop")]
    public async Task The_handshake_and_all_bytes_after_it_pass_unchanged(string asked, string answered)
    {
        await using var upstream = RawUpstream.Start(async exchange =>
        {
            await exchange.WriteAsync(
                $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: {answered}\r\nX-Hop: hop\r\n"
                + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\nfirst");
            Assert.AreEqual("second", Octets.Text(await exchange.ReadRawAsync(6)));
            await exchange.WriteAsync("third");
            exchange.Close();
        });
        await using var host = await Gateway.ToAsync(upstream.Address);
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request(
            "GET", "/v1/realtime", "Connection: " + asked, "Upgrade: websocket", Handshake, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits", "X-Headroom-Tag-A: b"));
        var response = await client.ReadResponseAsync();
        Assert.AreEqual(101, response.Status);
        CollectionAssert.AreEqual(new[] { "websocket" }, response.Values("Upgrade").ToArray());
        Assert.Contains("upgrade", response.Values("Connection").Single().ToLowerInvariant());
        CollectionAssert.AreEqual(new[] { "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" }, response.Values("Sec-WebSocket-Accept").ToArray());
        CollectionAssert.AreEqual(new[] { "permessage-deflate" }, response.Values("Sec-WebSocket-Extensions").ToArray());
        Assert.AreEqual("first", Octets.Text(await response.ReadAsync(5)));
        await client.SendAsync("second");
        Assert.AreEqual("third", Octets.Text(await response.ReadAsync(5)));

        var request = await upstream.NextRequestAsync();
        CollectionAssert.AreEqual(new[] { "websocket" }, request.Values("Upgrade").ToArray());
        CollectionAssert.AreEqual(new[] { "upgrade" }, request.Values("Connection").Select(value => value.ToLowerInvariant()).ToArray());
        CollectionAssert.AreEqual(new[] { "dGhlIHNhbXBsZSBub25jZQ==" }, request.Values("Sec-WebSocket-Key").ToArray());
        CollectionAssert.AreEqual(new[] { "permessage-deflate; client_max_window_bits" }, request.Values("Sec-WebSocket-Extensions").ToArray());
        Assert.DoesNotContain("headroom", request.HeadText.ToLowerInvariant());
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task An_upstream_behind_tls_may_know_http1_alone(bool clientHttp2)
    {
        await using var upstream = await KestrelUpstream.StartHttp1OverTlsAsync(async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var tags = string.Concat(context.Request.Headers.Where(header => header.Key.StartsWith("X-", StringComparison.OrdinalIgnoreCase)).Select(header => $"{header.Key}={header.Value}"));
            await socket.SendAsync(Encoding.UTF8.GetBytes(tags), WebSocketMessageType.Text, true, context.RequestAborted);
            await WebSocketClient.ReceiveAsync(socket, context.RequestAborted);
        });
        await using var host = await Gateway.ToAsync(upstream);
        using var client = await WebSocketClient.ConnectAsync(host, clientHttp2, configure: options =>
        {
            options.SetRequestHeader("X-Kept", "kept");
            options.SetRequestHeader("X-Headroom-Mode", "control");
        });
        Assert.AreEqual("X-Kept=kept", await client.ReceiveAsync(), ignoreCase: true);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task A_refused_upgrade_is_the_upstreams_own_answer(bool upstreamHttp2)
    {
        await using var upstream = await KestrelUpstream.StartAsync(
            context =>
            {
                context.Response.StatusCode = 401;
                context.Response.Headers["x-request-id"] = "r1";
                return context.Response.WriteAsync("wrong key");
            },
            upstreamHttp2);
        await using var host = await Gateway.ToAsync(upstream);
        await using var client = await RawClient.ConnectAsync(host.Address);
        await client.SendAsync(Gateway.Request(
            "GET", "/v1/realtime", "Connection: Upgrade", "Upgrade: websocket", Handshake, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="));
        var response = await client.ReadResponseAsync();
        Assert.AreEqual(401, response.Status);
        CollectionAssert.AreEqual(new[] { "r1" }, response.Values("x-request-id").ToArray());
        Assert.AreEqual("wrong key", (await response.ReadToEndAsync()).Text);

        var refusal = await Assert.ThrowsAsync<WebSocketException>(() => WebSocketClient.ConnectAsync(host, http2: true));
        Assert.Contains("401", refusal.Message);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("Sec-WebSocket-Key: too short")]
    public async Task A_bad_key_is_a_bad_request(string key)
    {
        await using var upstream = await KestrelUpstream.StartHttp2Async(async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await WebSocketClient.ReceiveAsync(socket, context.RequestAborted);
        });
        await using var host = await Gateway.ToAsync(upstream);
        await using var client = await RawClient.ConnectAsync(host.Address);
        string[] keys = key.Length == 0 ? [] : [key];
        await client.SendAsync(Gateway.Request("GET", "/v1/realtime", ["Connection: Upgrade", "Upgrade: websocket", Handshake, .. keys]));
        await ErrorAssert.IsAsync(await client.ReadResponseAsync(), 400, "invalid_request", retry: false);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task A_dead_upstream_is_a_bad_gateway_here_too(bool http2)
    {
        using var closed = new ClosedPort();
        await using var host = await Gateway.ToAsync(closed.Address);
        var refusal = await Assert.ThrowsAsync<WebSocketException>(() => WebSocketClient.ConnectAsync(host, http2));
        Assert.Contains("502", refusal.Message);
    }
}
