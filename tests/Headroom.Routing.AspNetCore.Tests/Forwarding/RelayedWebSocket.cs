using System.Net.WebSockets;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Headroom.Routing.AspNetCore.Tests.Forwarding;

/// <summary>A client's WebSocket through a gateway to a test's upstream.</summary>
internal sealed class RelayedWebSocket : IAsyncDisposable
{
    private readonly KestrelUpstream _upstream;
    private readonly GatewayHost _host;

    private RelayedWebSocket(KestrelUpstream upstream, GatewayHost host, WebSocketClient client)
    {
        _upstream = upstream;
        _host = host;
        Client = client;
    }

    public WebSocketClient Client { get; }

    /// <summary>Opens one whose two halves are each carried by HTTP/1.1 or HTTP/2.</summary>
    public static async Task<RelayedWebSocket> OpenAsync(
        RequestDelegate handler,
        bool clientHttp2,
        bool upstreamHttp2,
        string target = "/v1/realtime?model=m",
        Action<ClientWebSocketOptions>? configure = null,
        params (string Key, string Value)[] settings)
    {
        var upstream = await KestrelUpstream.StartAsync(handler, upstreamHttp2);
        var host = await Gateway.ToAsync(upstream, settings);
        try
        {
            return new RelayedWebSocket(upstream, host, await WebSocketClient.ConnectAsync(host, clientHttp2, target, configure));
        }
        catch
        {
            await host.DisposeAsync();
            await upstream.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _host.DisposeAsync();
        await _upstream.DisposeAsync();
    }
}
