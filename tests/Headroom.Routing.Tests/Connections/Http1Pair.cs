using System.Net;
using System.Net.Sockets;
using Headroom.Routing.Connections;

namespace Headroom.Routing.Tests.Connections;

/// <summary>A watched connection and the socket at its other end.</summary>
internal static class Http1Pair
{
    internal static async Task<(Http1Stream Stream, Socket Peer)> ConnectAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(listener.LocalEndpoint);
        return (new Http1Stream(new NetworkStream(socket, ownsSocket: true)), await listener.AcceptSocketAsync());
    }
}
