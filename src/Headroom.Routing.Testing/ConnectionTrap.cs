using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Headroom.Routing.Testing;

/// <summary>
/// Listens where no request should arrive, counts the connections and closes them. It listens on IPv6's loopback too, at the same port, if there is one. For
/// a caller who may reach it, it answers, and keeps what arrived.
/// </summary>
internal sealed class ConnectionTrap : IDisposable
{
    private const int MaxHead = 64 * 1024;

    private readonly List<Socket> _listeners = [];
    private readonly ConcurrentQueue<SweepArrival> _arrivals = new();
    private readonly bool _answers;
    private int _connections;

    internal ConnectionTrap(IPAddress address, bool answers)
    {
        _answers = answers;
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

    /// <summary>The requests that arrived since the last call. One that was answered is among them.</summary>
    internal IReadOnlyList<SweepArrival> TakeArrivals()
    {
        List<SweepArrival> arrivals = [];
        while (_arrivals.TryDequeue(out var arrival))
        {
            arrivals.Add(arrival);
        }

        return arrivals;
    }

    /// <summary>Waits until all connections are counted. They are accepted in order, so a last one of the trap's own shows it.</summary>
    internal async Task<int> SettleAsync(CancellationToken cancellationToken)
    {
        foreach (var listener in _listeners)
        {
            using var probe = new Socket(listener.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await probe.ConnectAsync(listener.LocalEndPoint!, cancellationToken).ConfigureAwait(false);
            try
            {
                probe.Shutdown(SocketShutdown.Send);

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
                var caught = await listener.AcceptAsync().ConfigureAwait(false);
                Interlocked.Increment(ref _connections);
                if (_answers)
                {
                    _ = AnswerAsync(caught);
                }
                else
                {
                    caught.Dispose();
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(Socket caught)
    {
        try
        {
            using (caught)
            {
                if (await ReadHeadAsync(caught).ConfigureAwait(false) is { } head)
                {
                    _arrivals.Enqueue(new SweepArrival(head));
                    await caught.SendAsync("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"u8.ToArray()).ConfigureAwait(false);
                    caught.Shutdown(SocketShutdown.Send);

                    // To close with unread bytes of a body would reset the connection, and the answer might be lost.
                    var rest = new byte[4096];
                    while (await caught.ReceiveAsync(rest).ConfigureAwait(false) > 0)
                    {
                    }
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The gateway hung up.
        }
    }

    // TLS does not begin with a letter; who speaks it waits for an answer to that.
    private static async Task<string?> ReadHeadAsync(Socket caught)
    {
        var buffer = new byte[MaxHead];
        for (var length = 0; length < MaxHead;)
        {
            var read = await caught.ReceiveAsync(buffer.AsMemory(length)).ConfigureAwait(false);
            length += read;
            if (read == 0 || !char.IsAsciiLetter((char)buffer[0]))
            {
                return null;
            }

            var end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                return Encoding.Latin1.GetString(buffer, 0, end);
            }
        }

        return null;
    }
}
