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

    private readonly InMemoryUpstream _exchange = Open(watched: true, 0);
    private readonly InMemoryUpstream _bareExchange = Open(watched: false, 0);
    private readonly InMemoryUpstream _stream = Open(watched: true, Events);
    private readonly InMemoryUpstream _bareStream = Open(watched: false, Events);

    [Benchmark]
    public void Exchange() => _exchange.Send(Answer);

    [Benchmark]
    public void Exchange_bare() => _bareExchange.Send(Answer);

    [Benchmark]
    public void Stream_of_50_events() => Stream(_stream);

    [Benchmark]
    public void Stream_of_50_events_bare() => Stream(_bareStream);

    private static void Stream(InMemoryUpstream upstream)
    {
        upstream.Send(Answer);
        for (var i = 0; i < Events; i++)
        {
            upstream.Send(Event);
        }
    }

    private static InMemoryUpstream Open(bool watched, int events)
    {
        var upstream = new InMemoryUpstream();
        _ = SendAsync(watched ? new Http1Stream(upstream) : upstream, events);
        return upstream;
    }

    // As the handler does it with a pooled connection: it reads ahead, and then writes. What the upstream sends runs this on to the next read.
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
}
