using System.Diagnostics.Tracing;
using System.Net;
using System.Net.Sockets;
using Headroom.Routing.AspNetCore.Tests.Support;

namespace Headroom.Routing.AspNetCore.Tests.Samples;

/// <summary>An upstream that refuses connections until so many were tried, then receives one request and answers an empty 200.</summary>
internal sealed class LateUpstream : EventListener
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly TaskCompletionSource<string> _received = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _address;
    private readonly int _opensAtAttempt;
    private int _attempts;

    public LateUpstream(int opensAtAttempt)
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _address = _socket.LocalEndPoint!.Serialize().ToString();
        _opensAtAttempt = opensAtAttempt;
        Address = new Uri($"http://{_socket.LocalEndPoint}");
        foreach (var source in EventSource.GetSources())
        {
            OnEventSourceCreated(source);
        }
    }

    public Uri Address { get; }

    /// <summary>How often somebody tried to connect.</summary>
    public int Attempts => Volatile.Read(ref _attempts);

    /// <summary>The body of the request.</summary>
    public Task<string> Received => Patience.For(_received.Task, "a request at the upstream");

    public override void Dispose()
    {
        base.Dispose();
        _socket.Dispose();
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        // The base class's constructor calls this before the address is known.
        if (_address is not null && eventSource.Name == "System.Net.Sockets")
        {
            EnableEvents(eventSource, EventLevel.Informational);
        }
    }

    // Runs where the connection is tried, before it is.
    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName == "ConnectStart" && (string?)eventData.Payload![0] == _address && Interlocked.Increment(ref _attempts) == _opensAtAttempt)
        {
            _socket.Listen();
            _ = ServeAsync();
        }
    }

    private async Task ServeAsync()
    {
        try
        {
            using var wire = new Wire(await _socket.AcceptAsync());
            var head = await MessageHead.ReadAsync(wire);
            var body = await RawBody.ReadAsync(BodyReader.OfRequest(wire, head!));
            await wire.SendAsync(Octets.Of("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
            _received.SetResult(body.Text);
        }
        catch (Exception failure)
        {
            _received.SetException(failure);
        }
    }
}
