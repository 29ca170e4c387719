using System.Net;
using System.Text;

namespace Headroom.Routing.Benchmarks;

/// <summary>An upstream's answers, headers and all.</summary>
internal static class ProviderAnswer
{
    private const int Events = 50;
    private const string JsonType = "application/json; charset=utf-8";
    private const string StreamType = "text/event-stream; charset=utf-8";

    private static readonly byte[] Body = new byte[1024];
    private static readonly byte[] Event = """data: {"choices":[{"index":0,"delta":{"content":" word"},"finish_reason":null}]}"""u8.ToArray();

    private static readonly (string Name, string Value)[] Headers =
    [
        ("Date", "Tue, 04 Nov 2025 09:00:00 GMT"), ("Server", "cloudflare"), ("CF-Ray", "0123456789abcdef-FRA"),
        ("x-request-id", "req_0123456789abcdef"), ("x-ratelimit-limit-requests", "10000"), ("x-ratelimit-remaining-requests", "9999"),
        ("openai-processing-ms", "120"), ("Set-Cookie", "__cf_bm=0123456789abcdef; path=/; HttpOnly"), ("Alt-Svc", "h3=\":443\"; ma=86400"),
    ];

    /// <summary>A whole answer of 1 KB, as it comes over the wire.</summary>
    internal static byte[] JsonBytes { get; } = [.. Head(JsonType, "Content-Length: 1024"), .. Body];

    /// <summary>The head of an answer in events.</summary>
    internal static byte[] StreamHead { get; } = Head(StreamType, "Transfer-Encoding: chunked");

    /// <summary>One of its events.</summary>
    internal static byte[] StreamEvent { get; } = [.. Encoding.ASCII.GetBytes($"{Event.Length:x}\r\n"), .. Event, .. "\r\n"u8];

    /// <summary>What tells that there are no more.</summary>
    internal static byte[] StreamEnd { get; } = "0\r\n\r\n"u8.ToArray();

    internal static HttpResponseMessage Json(HttpRequestMessage request)
    {
        var answer = Create(request, new ByteArrayContent(Body), JsonType);
        answer.Content.Headers.TryAddWithoutValidation("Content-Length", "1024");
        return answer;
    }

    internal static HttpResponseMessage Stream(HttpRequestMessage request) =>
        Create(request, new StreamContent(new EventStream()), StreamType);

    private static HttpResponseMessage Create(HttpRequestMessage request, HttpContent content, string contentType)
    {
        var answer = new HttpResponseMessage(HttpStatusCode.OK) { Content = content, RequestMessage = request };
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        foreach (var (name, value) in Headers)
        {
            answer.Headers.TryAddWithoutValidation(name, value);
        }

        return answer;
    }

    private static byte[] Head(string contentType, string framing) => Encoding.ASCII.GetBytes(
        $"HTTP/1.1 200 OK\r\nContent-Type: {contentType}\r\n{framing}\r\n{string.Concat(Headers.Select(header => $"{header.Name}: {header.Value}\r\n"))}\r\n");

    /// <summary>Hands out one event for each read, at once.</summary>
    private sealed class EventStream : MemoryStream
    {
        private int _left = Events;

        public override bool CanSeek => false;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            // Readers ask for nothing first, to learn whether there is something before they take a buffer.
            if (buffer.IsEmpty || _left == 0)
            {
                return ValueTask.FromResult(0);
            }

            _left--;
            Event.CopyTo(buffer);
            return ValueTask.FromResult(Event.Length);
        }
    }
}
