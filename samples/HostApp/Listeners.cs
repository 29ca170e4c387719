using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Headroom.HostApp;

/// <summary>The sockets that the app listens on, so that they can be closed without what they bring.</summary>
internal sealed class Listeners
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly ConcurrentBag<Socket> _sockets = [];

    public Socket Listen(EndPoint endpoint)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        _sockets.Add(socket);
        return socket;
    }

    /// <summary>
    /// Closes them at a moment when no connection waits to be accepted. The system would reset that, and with it a request that its client may have sent.
    /// </summary>
    public void Close()
    {
        foreach (var socket in _sockets)
        {
            // Kestrel goes on accepting.
            SpinWait.SpinUntil(() => socket.SafeHandle.IsClosed || !socket.Poll(0, SelectMode.SelectRead), Patience);
            socket.Dispose();
        }
    }
}
