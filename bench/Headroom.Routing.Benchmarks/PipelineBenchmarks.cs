using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using BenchmarkDotNet.Attributes;
using Headroom.Routing.Connections;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Headroom.Routing.Benchmarks;

/// <summary>
/// The whole way of a request through a bare app, beside <c>MapForwarder</c> in the same app, from Kestrel's parser to SocketsHttpHandler and back. Only the
/// sockets are left out, and with them the kernel and all waiting: one thread does everything. <c>bench/wire</c> measures the whole.
/// </summary>
[MemoryDiagnoser]
public class PipelineBenchmarks
{
    private const int Events = 50;

    private readonly InMemoryTransport _client = new();
    private readonly InMemoryUpstream _upstream = new();

    // What the guarded connection connects to. Nothing is sent over it.
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private WebApplication _app = null!;
    private string _origin = null!;
    private byte[] _get = null!;
    private byte[] _post = null!;
    private byte[] _catchAll = null!;

    /// <summary>Which proxy the app is.</summary>
    [Params("MapForwarder", "Headroom")]
    public string Proxy { get; set; } = "";

    [GlobalSetup]
    public async Task StartAsync()
    {
        _listener.Start();
        _origin = $"http://{_listener.LocalEndpoint}";
        _get = SdkHeaders.Request("GET", "/v1/models", _origin, 0);
        _post = SdkHeaders.Request("POST", "/v1/chat/completions", _origin, 4096);
        _catchAll = SdkHeaders.Request("GET", "/v1/organizations/me", _origin, 0);

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:1");
        builder.Services.AddSingleton<IConnectionListenerFactory>(_client);
        _app = Proxy == "Headroom" ? Headroom(builder) : Forwarder(builder);
        await _app.StartAsync();
        _client.Connect(_app.Services.GetRequiredService<IMemoryPoolFactory<byte>>().Create());

        // The first request opens the connection to the upstream. From the next on, nothing waits.
        for (var i = 0; i < 3; i++)
        {
            var before = _upstream.Received;
            _client.Send(_get);
            await UntilAsync(() => _upstream.Received > before);
            _upstream.Send(ProviderAnswer.JsonBytes);
            await UntilAsync(() => _client.Drain() > 0);
            await Task.Delay(10);
        }
    }

    [GlobalCleanup]
    public async Task StopAsync()
    {
        await _app.DisposeAsync();
        _listener.Dispose();
    }

    [Benchmark]
    public void Get() => Exchange(_get, ProviderAnswer.JsonBytes);

    [Benchmark]
    public void Post_4_KB() => Exchange(_post, ProviderAnswer.JsonBytes);

    [Benchmark]
    public void Stream_of_50_events()
    {
        Request(_post);
        _upstream.Send(ProviderAnswer.StreamHead);
        for (var i = 0; i < Events; i++)
        {
            Answer(ProviderAnswer.StreamEvent);
        }

        Answer(ProviderAnswer.StreamEnd);
    }

    [Benchmark]
    public void Catch_all() => Exchange(_catchAll, ProviderAnswer.JsonBytes);

    private void Exchange(byte[] request, byte[] answer)
    {
        Request(request);
        Answer(answer);
    }

    private void Request(byte[] request)
    {
        var before = _upstream.Received;
        _client.Send(request);
        if (_upstream.Received == before)
        {
            throw new InvalidOperationException("The request did not arrive at once.");
        }
    }

    private void Answer(byte[] bytes)
    {
        _upstream.Send(bytes);
        if (_client.Drain() == 0)
        {
            throw new InvalidOperationException("The answer did not arrive at once.");
        }
    }

    private WebApplication Headroom(WebApplicationBuilder builder)
    {
        builder.Services.AddHeadroomProxy(options =>
        {
            options.AllowedUpstreams.Add(_origin);
            options.IdleConnectionTimeout = TimeSpan.FromHours(1);
        }).ConfigureHttpClients(client => client
            .UseSocketsHttpHandler((handler, _) => handler.PlaintextStreamFilter = (_, _) => new(new Http1Stream(_upstream))));
        var app = builder.Build();
        app.MapHeadroomRoutes();
        return app;
    }

    // With the client that MapForwarder makes itself, but for the stream.
    private WebApplication Forwarder(WebApplicationBuilder builder)
    {
        builder.Services.AddHttpForwarder();
        var app = builder.Build();
        app.MapForwarder("/{**path}", _origin, ForwarderRequestConfig.Empty, HttpTransformer.Default, new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            EnableMultipleHttp2Connections = true,
            ActivityHeadersPropagator = new ReverseProxyPropagator(DistributedContextPropagator.Current),
            ConnectTimeout = TimeSpan.FromSeconds(15),
            PlaintextStreamFilter = (_, _) => new(_upstream),
        }));
        return app;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(1);
        }
    }
}
