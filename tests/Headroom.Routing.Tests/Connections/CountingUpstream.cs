using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Headroom.Routing.Connections;

namespace Headroom.Routing.Tests.Connections;

/// <summary>An upstream that answers each request with its body, and what the guarded handler writes to it.</summary>
internal sealed class CountingUpstream : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2? _certificate;
    private readonly Task _serving;

    public CountingUpstream(bool tls = false)
    {
        _certificate = tls ? TestCertificate.Create() : null;
        _listener.Start();
        _serving = ServeAsync();
    }

    public List<int> Writes { get; } = [];

    public int Disposals { get; private set; }

    public HttpClient CreateClient()
    {
        var handler = GuardedClient.CreateHandler(UpstreamTrust.Operator, new DnsHostResolver());
        handler.SslOptions = _certificate is null ? handler.SslOptions : TestCertificate.Trusting(_certificate);
        handler.PlaintextStreamFilter = (context, _) => new(new Http1Stream(new CountedStream(context.PlaintextStream, this)));
        return new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(30) };
    }

    public async Task<byte[]> PostAsync(HttpClient client, HttpContent content)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, new UriBuilder(_certificate is null ? "http" : "https", "localhost", ((IPEndPoint)_listener.LocalEndpoint).Port).Uri);
        message.Content = content;
        message.Headers.TransferEncodingChunked = content.Headers.ContentLength is null;
        using var response = await client.SendAsync(message);
        return await response.Content.ReadAsByteArrayAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving.ContinueWith(_ => { }, TaskScheduler.Default);
        _certificate?.Dispose();
    }

    private async Task ServeAsync()
    {
        using var socket = await _listener.AcceptTcpClientAsync();
        Stream stream = socket.GetStream();
        if (_certificate is not null)
        {
            var secured = new SslStream(stream);
            await secured.AuthenticateAsServerAsync(_certificate);
            stream = secured;
        }

        var reader = new BufferedStream(stream);
        while (await ReadLineAsync(reader) is { Length: > 0 } line)
        {
            var length = -1;
            var asks = false;
            for (; line.Length > 0; line = (await ReadLineAsync(reader))!)
            {
                length = line.StartsWith("Content-Length: ", StringComparison.Ordinal) ? int.Parse(line["Content-Length: ".Length..], null) : length;
                asks |= line.StartsWith("Expect: ", StringComparison.Ordinal);
            }

            if (asks)
            {
                await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray());
            }

            var body = new MemoryStream();
            for (var chunk = length; chunk != 0; chunk = length < 0 ? chunk : 0)
            {
                chunk = length < 0 ? Convert.ToInt32(await ReadLineAsync(reader), 16) : chunk;
                var bytes = new byte[chunk];
                await reader.ReadExactlyAsync(bytes);
                body.Write(bytes);
                _ = length < 0 ? await ReadLineAsync(reader) : null;
            }

            await stream.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n"), .. body.ToArray()]);
        }
    }

    private static async Task<string?> ReadLineAsync(Stream stream)
    {
        var line = new StringBuilder();
        var octet = new byte[1];
        while (await stream.ReadAsync(octet) > 0)
        {
            if (octet[0] == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }

            line.Append((char)octet[0]);
        }

        return null;
    }

    private sealed class CountedStream(Stream inner, CountingUpstream upstream) : DuplexStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            upstream.Writes.Add(buffer.Length);
            return inner.WriteAsync(buffer, cancellationToken);
        }

        public override int Read(Span<byte> buffer) => throw new NotSupportedException();

        public override void Write(ReadOnlySpan<byte> buffer) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            upstream.Disposals++;
            inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
