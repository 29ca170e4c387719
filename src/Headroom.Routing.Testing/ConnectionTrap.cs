using System.Net;
using System.Net.Sockets;

namespace Headroom.Routing.Testing;

/// <summary>Listens where no request should arrive, counts the connections and closes them. It listens on IPv6's loopback too, at the same port, if there is one.</summary>
internal sealed class ConnectionTrap : IDisposable
{
    private readonly List<Socket> _listeners = [];
    private int _connections;

    internal ConnectionTrap(IPAddress address)
    {
        EndPoint = Listen(new IPEndPoint(address, 0));
        if (IPAddress.IsLoopback(address) && Socket.OSSupportsIPv6)
        {
            try
            {
                Listen(new IPEndPoint(IPAddress.IPv6Loopback, EndPoint.Port));
            }
            catch (SocketException)
            {
                // The port is taken, or there is no IPv6 here. The payloads that aim at it then find no listener of the sweep.
            }
        }
    }

    internal IPEndPoint EndPoint { get; }

    /// <summary>The number of connections since the last call.</summary>
    internal int Take() => Interlocked.Exchange(ref _connections, 0);

    /// <summary>Waits until all connections are counted. They are accepted in order, so a last one of the trap's own shows it.</summary>
    internal async Task<int> SettleAsync(CancellationToken cancellationToken)
    {
        foreach (var listener in _listeners)
        {
            using var probe = new Socket(listener.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await probe.ConnectAsync(listener.LocalEndPoint!, cancellationToken).ConfigureAwait(false);
            try
            {
                // Reads the end of the stream: the listener has accepted and hung up.
                await probe.ReceiveAsync(new byte[1], SocketFlags.None, cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException)
            {
                // A reset closes the connection too.
            }
        }

        return Take() - _listeners.Count;
    }

    public void Dispose() => _listeners.ForEach(listener => listener.Dispose());

    private IPEndPoint Listen(IPEndPoint at)
    {
        var listener = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(at);
            listener.Listen();
        }
        catch (SocketException)
        {
            listener.Dispose();
            throw;
        }

        _listeners.Add(listener);
        _ = CountAsync(listener);
        return (IPEndPoint)listener.LocalEndPoint!;
    }

    private async Task CountAsync(Socket listener)
    {
        while (true)
        {
            try
            {
                using var caught = await listener.AcceptAsync().ConfigureAwait(false);
                Interlocked.Increment(ref _connections);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
