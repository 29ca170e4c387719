using System.Net.WebSockets;
using System.Text;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Headroom.Routing.AspNetCore.Tests.Forwarding;

/// <summary>WebSockets that end without a close.</summary>
[TestClass]
public sealed class WebSocketEndTests
{
    [TestMethod]
    [DataRow(false, false)]
    [DataRow(false, true)]
    [DataRow(true, false)]
    [DataRow(true, true)]
    public async Task A_client_that_vanishes_takes_the_upstreams_end_along(bool clientHttp2, bool upstreamHttp2)
    {
        var ended = new TaskCompletionSource<bool>();
        await using var relayed = await RelayedWebSocket.OpenAsync(context => EchoAsync(context, ended), clientHttp2, upstreamHttp2);
        var client = relayed.Client;
        await client.SendAsync("1");
        Assert.AreEqual("1", await client.ReceiveAsync());
        client.Socket.Abort();
        Assert.IsFalse(await Patience.For(ended.Task, "the upstream to see the end"), "It must not look like a close.");
    }

    [TestMethod]
    [DataRow(false, false)]
    [DataRow(false, true)]
    [DataRow(true, false)]
    [DataRow(true, true)]
    public async Task An_upstream_that_vanishes_takes_the_clients_end_along(bool clientHttp2, bool upstreamHttp2)
    {
        await using var relayed = await RelayedWebSocket.OpenAsync(
            async context =>
            {
                using var socket = await context.WebSockets.AcceptWebSocketAsync();
                await WebSocketClient.ReceiveAsync(socket, context.RequestAborted);
                context.Abort();
            },
            clientHttp2,
            upstreamHttp2);
        var client = relayed.Client;
        await client.SendAsync("1");
        await Assert.ThrowsAsync<WebSocketException>(client.ReceiveAsync);
    }

    [TestMethod]
    [DoNotParallelize]
    [DataRow(false, false)]
    [DataRow(true, true)]
    public async Task A_silent_one_is_cut_at_both_ends_after_the_idle_time(bool clientHttp2, bool upstreamHttp2)
    {
        var ended = new TaskCompletionSource<bool>();
        await using var relayed = await RelayedWebSocket.OpenAsync(
            context => EchoAsync(context, ended), clientHttp2, upstreamHttp2, settings: ("Headroom:IdleTimeout", "00:00:00.5"));
        var client = relayed.Client;
        await client.SendAsync("1");
        Assert.AreEqual("1", await client.ReceiveAsync());
        await Assert.ThrowsAsync<WebSocketException>(client.ReceiveAsync);
        Assert.IsFalse(await Patience.For(ended.Task, "the upstream to see the end"));
    }

    // Says whether the client closed in order.
    private static async Task EchoAsync(HttpContext context, TaskCompletionSource<bool> ended)
    {
        try
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            while (await WebSocketClient.ReceiveAsync(socket, CancellationToken.None) is { } text)
            {
                await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, CancellationToken.None);
            }

            ended.SetResult(true);
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException)
        {
            ended.SetResult(false);
        }
    }
}
