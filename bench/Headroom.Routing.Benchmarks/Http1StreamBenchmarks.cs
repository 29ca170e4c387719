using System.Threading.Tasks.Sources;
using BenchmarkDotNet.Attributes;
using Headroom.Routing.Connections;

namespace Headroom.Routing.Benchmarks;

/// <summary>What the watch over an HTTP/1.1 connection costs, beside the same steps on a bare one.</summary>
[MemoryDiagnoser]
public class Http1StreamBenchmarks
{
    private const int Events = 50;

    private static readonly byte[] Request =
        "GET /v1/models HTTP/1.1\r\nHost: api.openai.com\r\nAccept: application/json\r\nAuthorization: Bearer sk-bench\r\nUser-Agent: OpenAI/Python 1.99.9\r\nX-Stainless-Lang: python\r\nX-Stainless-Package-Version: 1.99.9\r\n\r\n"u8.ToArray();

    private static readonly byte[] Answer =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n{}"u8.ToArray();

    private static readonly byte[] Event = "data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"}}]}\n\n"u8.ToArray();

    private readonly Wire _exchange = Open(watched: true, 0);
    private readonly Wire _bareExchange = Open(watched: false, 0);
    private readonly Wire _stream = Open(watched: true, Events);
    private readonly Wire _bareStream = Open(watched: false, Events);

    [Benchmark]
    public void Exchange() => _exchange.Receive(Answer);

    [Benchmark]
    public void Exchange_bare() => _bareExchange.Receive(Answer);

    [Benchmark]
    public void Stream_of_50_events() => Stream(_stream);

    [Benchmark]
    public void Stream_of_50_events_bare() => Stream(_bareStream);

    private static void Stream(Wire wire)
    {
        wire.Receive(Answer);
        for (var i = 0; i < Events; i++)
        {
            wire.Receive(Event);
        }
    }

    private static Wire Open(bool watched, int events)
    {
        var wire = new Wire();
        _ = SendAsync(watched ? new Http1Stream(wire) : wire, events);
        return wire;
    }

    // As the handler does it with a pooled connection: it reads ahead, and then writes. What is received runs this on to the next read.
    private static async Task SendAsync(Stream stream, int events)
    {
        var buffer = new byte[4096];
        while (true)
        {
            var answer = stream.ReadAsync(buffer);
            await stream.WriteAsync(Request).ConfigureAwait(false);
            await answer.ConfigureAwait(false);
            for (var i = 0; i < events; i++)
            {
                await stream.ReadAsync(buffer).ConfigureAwait(false);
            }
        }
    }

    /// <summary>A connection in memory: a write ends at once, a read when something is received.</summary>
    private sealed class Wire : DuplexStream, IValueTaskSource<int>
    {
        private ManualResetValueTaskSourceCore<int> _source;
        private Memory<byte> _room;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _room = buffer;
            return new(this, _source.Version);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => default;

        public void Receive(byte[] bytes)
        {
            bytes.CopyTo(_room);
            _source.SetResult(bytes.Length);
        }

        public int GetResult(short token)
        {
            var count = _source.GetResult(token);
            _source.Reset();
            return count;
        }

        public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _source.OnCompleted(continuation, state, token, flags);

        public override int Read(Span<byte> buffer) => throw new NotSupportedException();

        public override void Write(ReadOnlySpan<byte> buffer) => throw new NotSupportedException();

        public override void Flush()
        {
        }
    }
}
