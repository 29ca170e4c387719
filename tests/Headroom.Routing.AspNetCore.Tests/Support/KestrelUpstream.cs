using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Headroom.Routing.AspNetCore.Tests.Support;

/// <summary>A well-behaved upstream: one request delegate behind Kestrel, WebSockets included (by extended CONNECT on HTTP/2).</summary>
internal sealed class KestrelUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly X509Certificate2? _certificate;

    private KestrelUpstream(WebApplication app, Uri address, X509Certificate2? certificate)
    {
        _app = app;
        Address = address;
        _certificate = certificate;
    }

    public Uri Address { get; }

    /// <summary>HTTP/1.1 without TLS.</summary>
    public static Task<KestrelUpstream> StartAsync(RequestDelegate handler) => StartAsync(handler, HttpProtocols.Http1, certificate: null);

    /// <summary>HTTP/2 alone, over TLS with a certificate for <c>localhost</c> and 127.0.0.1 that only <see cref="TrustOptions"/> accept.</summary>
    public static Task<KestrelUpstream> StartHttp2Async(RequestDelegate handler) => StartAsync(handler, HttpProtocols.Http2, TestCertificate.Create());

    /// <summary>Either of the two, for tests that hold for both.</summary>
    public static Task<KestrelUpstream> StartAsync(RequestDelegate handler, bool http2) => http2 ? StartHttp2Async(handler) : StartAsync(handler);

    /// <summary>HTTP/1.1 alone over the same TLS, as many providers serve their WebSockets.</summary>
    public static Task<KestrelUpstream> StartHttp1OverTlsAsync(RequestDelegate handler) => StartAsync(handler, HttpProtocols.Http1, TestCertificate.Create());

    /// <summary>TLS options that trust this upstream's certificate and still check the name.</summary>
    public SslClientAuthenticationOptions TrustOptions() =>
        TestCertificate.Trusting(_certificate ?? throw new InvalidOperationException("This upstream has no certificate."));

    public async ValueTask DisposeAsync()
    {
        await LoopbackApp.StopAsync(_app);
        _certificate?.Dispose();
    }

    private static async Task<KestrelUpstream> StartAsync(RequestDelegate handler, HttpProtocols protocols, X509Certificate2? certificate)
    {
        ListenOptions? bound = null;
        var builder = LoopbackApp.CreateBuilder(kestrel =>
        {
            // The tests' bodies and pauses are for the gateway to endure, not for its upstream to refuse.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                bound = listen;
                listen.Protocols = protocols;
                if (certificate is not null)
                {
                    listen.UseHttps(certificate);
                }
            });
        });

        var app = builder.Build();
        app.UseWebSockets();
        app.Run(handler);
        await app.StartAsync();
        var scheme = certificate is null ? Uri.UriSchemeHttp : Uri.UriSchemeHttps;
        return new KestrelUpstream(app, new Uri($"{scheme}://{bound!.IPEndPoint}"), certificate);
    }
}
