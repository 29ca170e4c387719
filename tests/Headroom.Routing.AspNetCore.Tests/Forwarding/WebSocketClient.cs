using System.Net;
using System.Net.WebSockets;
using System.Text;
using Headroom.Routing.AspNetCore.Tests.Support;

namespace Headroom.Routing.AspNetCore.Tests.Forwarding;

/// <summary>A WebSocket client of a gateway, over HTTP/1.1 or HTTP/2 (RFC 8441).</summary>
internal sealed class WebSocketClient : IDisposable
{
    private readonly HttpMessageInvoker _invoker = new(new SocketsHttpHandler { UseProxy = false, ActivityHeadersPropagator = null });
    private readonly CancellationTokenSource _patience = new(Patience.Limit);

    private WebSocketClient()
    {
    }

    public ClientWebSocket Socket { get; } = new();

    public static async Task<WebSocketClient> ConnectAsync(
        GatewayHost host, bool http2, string target = "/v1/realtime?model=m", Action<ClientWebSocketOptions>? configure = null)
    {
        var client = new WebSocketClient();
        var options = client.Socket.Options;
        options.HttpVersion = http2 ? HttpVersion.Version20 : HttpVersion.Version11;
        options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        options.CollectHttpResponseDetails = true;
        configure?.Invoke(options);
        var address = new UriBuilder(new Uri(http2 ? host.Http2Address : host.Address, target)) { Scheme = Uri.UriSchemeWs };
        try
        {
            await client.Socket.ConnectAsync(address.Uri, client._invoker, client._patience.Token);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    public async Task SendAsync(string text) =>
        await Socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, _patience.Token);

    /// <summary>The next message; null when the other end closed.</summary>
    public async Task<string?> ReceiveAsync() => await ReceiveAsync(Socket, _patience.Token);

    public Task CloseAsync(WebSocketCloseStatus status, string reason) => Socket.CloseAsync(status, reason, _patience.Token);

    public static async Task<string?> ReceiveAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[1024];
        var text = new StringBuilder();
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, cancellationToken);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            text.Append(Encoding.UTF8.GetString(buffer, 0, received.Count));
            if (received.EndOfMessage)
            {
                return text.ToString();
            }
        }
    }

    public void Dispose()
    {
        Socket.Dispose();
        _invoker.Dispose();
        _patience.Dispose();
    }
}
