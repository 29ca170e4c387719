using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;

namespace Headroom.Routing.AspNetCore.Tests.Support;

/// <summary>
/// An HTTP/1.1 upstream on a bare socket: it records requests to the byte and answers whatever a test's handler writes, right or wrong.
/// A fault of the handler breaks the connection off and is thrown again by <see cref="DisposeAsync"/>, for it explains whatever else the test saw.
/// </summary>
internal sealed class RawUpstream : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<RawExchange, Task> _handler;
    private readonly bool _onHead;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Wire, Task> _connections = new();
    private readonly ConcurrentDictionary<EndPoint, TaskCompletionSource<int>> _probes = new();
    private readonly ConcurrentQueue<RawRequest> _requests = new();
    private readonly Channel<RawRequest> _unseen = Channel.CreateUnbounded<RawRequest>();
    private readonly ConcurrentQueue<Exception> _faults = new();
    private readonly Task _accepting;
    private int _accepted;

    private RawUpstream(Func<RawExchange, Task> handler, bool onHead)
    {
        _handler = handler;
        _onHead = onHead;
        _listener.Start();
        Address = new Uri($"http://{_listener.LocalEndpoint}");
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    /// <summary>Every request so far, in the order of arrival.</summary>
    public IReadOnlyList<RawRequest> Requests => [.. _requests];

    /// <summary>An upstream whose handler runs when the request is complete; without one it answers an empty 200.</summary>
    public static RawUpstream Start(Func<RawExchange, Task>? handler = null) => new(handler ?? (exchange => exchange.RespondAsync()), onHead: false);

    /// <summary>
    /// An upstream whose handler runs as soon as the head is there and reads the body itself if it wants to: for early answers and 100 (Continue).
    /// What it leaves unread is read after it, to keep the connection going, unless it closed or aborted that.
    /// </summary>
    public static RawUpstream StartOnHead(Func<RawExchange, Task> handler) => new(handler, onHead: true);

    /// <summary>The next request that no call of this method has returned yet, waiting for it if need be.</summary>
    public Task<RawRequest> NextRequestAsync() => Patience.For(_unseen.Reader.ReadAsync(_stopping.Token).AsTask(), "a request at the upstream");

    /// <summary>
    /// How many connections were opened so far. Connections are accepted in order, so one of our own, which isn't counted, pushes
    /// through those that the system holds but the listener has not seen yet: a zero is a zero.
    /// </summary>
    public async Task<int> CountConnectionsAsync()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var seen = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        _probes[probe.LocalEndPoint!] = seen;
        await probe.ConnectAsync(_listener.LocalEndpoint);
        return await Patience.For(seen.Task, "the listener to accept");
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        foreach (var wire in _connections.Keys)
        {
            wire.Abort();
        }

        await Task.WhenAll(_connections.Values);
        _stopping.Dispose();
        if (_faults.TryDequeue(out var fault))
        {
            ExceptionDispatchInfo.Throw(fault);
        }
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptSocketAsync(_stopping.Token);
            }
            catch (Exception) when (_stopping.IsCancellationRequested)
            {
                return;
            }

            if (_probes.TryRemove(socket.RemoteEndPoint!, out var probe))
            {
                socket.Dispose();
                probe.SetResult(_accepted);
                continue;
            }

            _accepted++;
            socket.NoDelay = true;
            var wire = new Wire(socket);
            _connections[wire] = Task.Run(() => ServeAsync(wire));
        }
    }

    private async Task ServeAsync(Wire wire)
    {
        try
        {
            while (await MessageHead.ReadAsync(wire, idle: true) is { } head)
            {
                var exchange = await ReceiveAsync(wire, head);
                if (exchange.Request.HasBody && exchange.Request.Body.End != StreamEnd.Clean)
                {
                    return;
                }

                // Not the handler itself but the wait for it ends with the upstream: a handler that waits for its test must not hold the test's end up.
                await _handler(exchange).WaitAsync(_stopping.Token);
                if (!exchange.IsLast)
                {
                    await exchange.ReadBodyAsync();
                }
                else if (!exchange.IsAborted)
                {
                    // With bytes unread a close becomes a reset, and the peer may lose what it was sent: read on until it closes too.
                    await wire.WaitForEndAsync(idle: true);
                }

                if (exchange.IsLast)
                {
                    return;
                }
            }
        }
        catch (IOException)
        {
            // The peer hung up: ordinary, and the test sees it from its own side or by WaitForHangUpAsync.
        }
        catch (Exception e)
        {
            if (!_stopping.IsCancellationRequested)
            {
                _faults.Enqueue(e);
            }

            wire.Abort();
        }
        finally
        {
            wire.Dispose();
        }
    }

    private async Task<RawExchange> ReceiveAsync(Wire wire, MessageHead head)
    {
        var request = new RawRequest(head);
        var exchange = new RawExchange(wire, request, BodyReader.OfRequest(wire, head));
        if (!_onHead)
        {
            await exchange.ReadBodyAsync();
        }

        _requests.Enqueue(request);
        _unseen.Writer.TryWrite(request);
        return exchange;
    }
}
