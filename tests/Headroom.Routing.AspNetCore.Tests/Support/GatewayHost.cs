using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Headroom.Routing.AspNetCore.Tests.Support;

/// <summary>An app that a test makes into a gateway, on Kestrel with one port for HTTP/1.1 and one for HTTP/2 without TLS.</summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly List<HttpClient> _clients = [];

    private GatewayHost(WebApplication app, LogCapture logs, ListenOptions http1, ListenOptions http2)
    {
        _app = app;
        Logs = logs;
        Address = new Uri($"http://{http1.IPEndPoint}");
        Http2Address = new Uri($"http://{http2.IPEndPoint}");
    }

    /// <summary>Where HTTP/1.1 is spoken.</summary>
    public Uri Address { get; }

    /// <summary>Where HTTP/2 is spoken, from the first byte on (prior knowledge).</summary>
    public Uri Http2Address { get; }

    /// <summary>All that was logged, at every level and by every category; it can be read after the host was disposed.</summary>
    public LogCapture Logs { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>The proxy alone, with these settings and no other code of a host's.</summary>
    public static Task<GatewayHost> StartProxyAsync(params (string Key, string Value)[] settings) =>
        StartAsync(
            builder =>
            {
                builder.Configuration.AddSettings(settings);
                builder.Services.AddHeadroomProxy();
            },
            app => app.MapHeadroomRoutes());

    /// <summary>Whatever app the test makes of it.</summary>
    public static async Task<GatewayHost> StartAsync(Action<WebApplicationBuilder> configure, Action<WebApplication> map)
    {
        ListenOptions? http1 = null;
        ListenOptions? http2 = null;
        var builder = LoopbackApp.CreateBuilder(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => (http1 = listen).Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, 0, listen => (http2 = listen).Protocols = HttpProtocols.Http2);
        });
        var logs = new LogCapture();
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(logs);
        configure(builder);

        var app = builder.Build();
        try
        {
            map(app);
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return new GatewayHost(app, logs, http1!, http2!);
    }

    /// <summary>A client that changes nothing of what passes through it: no redirects, decompression, cookies, proxy or trace headers.</summary>
    public HttpClient CreateClient() => CreateClient(Address, HttpVersion.Version11);

    /// <summary>The same over HTTP/2.</summary>
    public HttpClient CreateHttp2Client() => CreateClient(Http2Address, HttpVersion.Version20);

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            client.Dispose();
        }

        await LoopbackApp.StopAsync(_app);
    }

    private HttpClient CreateClient(Uri address, Version version)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,

            // Who stops reading hangs up at once.
            ResponseDrainTimeout = TimeSpan.Zero,
        };
        var client = new HttpClient(handler)
        {
            BaseAddress = address,
            DefaultRequestVersion = version,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = Patience.Limit,
        };
        _clients.Add(client);
        return client;
    }
}
