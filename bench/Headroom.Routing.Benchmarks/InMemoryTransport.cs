using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Headroom.Routing.Benchmarks;

/// <summary>In the place of Kestrel's sockets: one connection in memory, on which Kestrel runs as on any other. Nothing waits for a thread.</summary>
internal sealed class InMemoryTransport : IConnectionListenerFactory, IConnectionListener, IDuplexPipe
{
    private static readonly PipeOptions Inline = new(
        readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false);

    private readonly Pipe _requests = new(Inline);
    private readonly Pipe _answers = new(Inline);
    private readonly Channel<ConnectionContext?> _accepted = Channel.CreateUnbounded<ConnectionContext?>();

    public EndPoint EndPoint { get; private set; } = new IPEndPoint(IPAddress.Loopback, 0);

    PipeReader IDuplexPipe.Input => _requests.Reader;

    PipeWriter IDuplexPipe.Output => _answers.Writer;

    /// <summary>Opens the connection.</summary>
    /// <param name="pool">What Kestrel takes its buffers from.</param>
    internal void Connect(MemoryPool<byte> pool)
    {
        var connection = new DefaultConnectionContext("1", this, this);
        connection.Features.Set<IMemoryPoolFeature>(new Buffers(pool));
        _accepted.Writer.TryWrite(connection);
    }

    /// <summary>Sends a request. Kestrel and the app run until they wait for the upstream.</summary>
    internal void Send(byte[] request) => _ = _requests.Writer.WriteAsync(request);

    /// <summary>Reads and drops what has been answered so far.</summary>
    /// <returns>How many bytes that was.</returns>
    internal long Drain()
    {
        if (!_answers.Reader.TryRead(out var read))
        {
            return 0;
        }

        _answers.Reader.AdvanceTo(read.Buffer.End);
        return read.Buffer.Length;
    }

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        EndPoint = endpoint;
        return new(this);
    }

    public ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) => _accepted.Reader.ReadAsync(cancellationToken);

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _accepted.Writer.TryWrite(null);
        return default;
    }

    public ValueTask DisposeAsync() => default;

    private sealed record Buffers(MemoryPool<byte> MemoryPool) : IMemoryPoolFeature;
}
