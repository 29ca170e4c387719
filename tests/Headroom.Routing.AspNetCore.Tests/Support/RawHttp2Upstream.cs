using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography.X509Certificates;

namespace Headroom.Routing.AspNetCore.Tests.Support;

/// <summary>
/// As much of an HTTP/2 upstream (RFC 9113, over TLS) as it takes to answer requests without a body by frames that no proper server would
/// send: answers that end early, and resets. An exception of the handler is thrown again by <see cref="DisposeAsync"/>.
/// </summary>
internal sealed class RawHttp2Upstream : IAsyncDisposable
{
    private const byte Headers = 0x1, Settings = 0x4, Ping = 0x6, Ack = 0x1;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 _certificate = TestCertificate.Create();
    private readonly Func<RawHttp2Exchange, Task> _handler;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentBag<Task> _work = [];
    private readonly ConcurrentQueue<Exception> _failures = new();

    private RawHttp2Upstream(Func<RawHttp2Exchange, Task> handler)
    {
        _handler = handler;
        _listener.Start();
        Address = new Uri($"https://{_listener.LocalEndpoint}");
        _work.Add(AcceptAsync());
    }

    public Uri Address { get; }

    public static RawHttp2Upstream Start(Func<RawHttp2Exchange, Task> handler) => new(handler);

    /// <inheritdoc cref="TestCertificate.Trusting"/>
    public SslClientAuthenticationOptions TrustOptions() => TestCertificate.Trusting(_certificate);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        while (_work.TryTake(out var work))
        {
            await work;
        }

        _stopping.Dispose();
        _certificate.Dispose();
        if (_failures.TryDequeue(out var failure))
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stopping.Token);
                socket.NoDelay = true;
                _work.Add(Task.Run(() => ServeAsync(socket)));
            }
        }
        catch (Exception) when (_stopping.IsCancellationRequested)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            var options = new SslServerAuthenticationOptions { ServerCertificate = _certificate, ApplicationProtocols = [SslApplicationProtocol.Http2] };
            await tls.AuthenticateAsServerAsync(options, _stopping.Token);
            await tls.ReadExactlyAsync(new byte["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".Length], _stopping.Token);
            using var frames = new Http2FrameWriter(tls);
            await frames.WriteAsync(Settings, 0, 0, []);
            await ReadFramesAsync(tls, frames);
        }
        catch (Exception e) when (e is IOException || _stopping.IsCancellationRequested)
        {
            // The peer hung up, or the test is over.
        }
    }

    private async Task ReadFramesAsync(SslStream tls, Http2FrameWriter frames)
    {
        var head = new byte[9];
        while (true)
        {
            await tls.ReadExactlyAsync(head, _stopping.Token);
            var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(head) >>> 8];
            await tls.ReadExactlyAsync(payload, _stopping.Token);
            (var type, var flags, var stream) = (head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)) & int.MaxValue);
            if (type is Settings or Ping && (flags & Ack) == 0)
            {
                await frames.WriteAsync(type, Ack, 0, type == Ping ? payload : []);
            }
            else if (type == Headers)
            {
                _work.Add(AnswerAsync(new RawHttp2Exchange(frames, stream)));
            }
        }
    }

    private async Task AnswerAsync(RawHttp2Exchange exchange)
    {
        try
        {
            await _handler(exchange).WaitAsync(_stopping.Token);
        }
        catch (Exception e) when (e is not IOException && !_stopping.IsCancellationRequested)
        {
            _failures.Enqueue(e);
        }
        catch (Exception)
        {
            // The peer hung up, or the test is over.
        }
    }
}
