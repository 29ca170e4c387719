using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Headroom.Routing.Benchmarks;

/// <summary>
/// The whole way of a request through a bare app, beside <c>MapForwarder</c> in the same app: hosting, routing, decision, forwarding, the answer's body.
/// Left out are Kestrel, SocketsHttpHandler with the guarded connect, and the sockets: server and upstream are in memory and answer at once, so
/// nothing ever waits. <c>bench/wire</c> measures the whole.
/// </summary>
[MemoryDiagnoser]
public class PipelineBenchmarks
{
    private const string Upstream = "http://upstream.example";

    private static readonly byte[] NoBody = [];
    private static readonly byte[] Body = new byte[4096];

    private readonly HeaderDictionary _get = SdkHeaders.Create();
    private readonly HeaderDictionary _post = SdkHeaders.Create();
    private readonly List<WebApplication> _apps = [];
    private InMemoryServer _json = null!;
    private InMemoryServer _stream = null!;

    /// <summary>Which proxy the app is.</summary>
    [Params("MapForwarder", "Headroom")]
    public string Proxy { get; set; } = "";

    [GlobalSetup]
    public async Task StartAsync()
    {
        _get.Remove("Content-Type");
        _get.Remove("Content-Length");
        foreach (var headers in (HeaderDictionary[])[_get, _post])
        {
            headers["Authorization"] = "Bearer sk-bench";
            if (Proxy == "Headroom")
            {
                headers[HeadroomHeaders.Upstream] = Upstream;
            }
        }

        _json = await StartAsync(ProviderAnswer.Json);
        _stream = await StartAsync(ProviderAnswer.Stream);
    }

    [GlobalCleanup]
    public async Task StopAsync()
    {
        foreach (var app in _apps)
        {
            await app.DisposeAsync();
        }
    }

    [Benchmark]
    public Task Get() => SendAsync(_json, "GET", "/v1/models", _get, NoBody);

    [Benchmark]
    public Task Post_4_KB() => SendAsync(_json, "POST", "/v1/chat/completions", _post, Body);

    [Benchmark]
    public Task Stream_of_50_events() => SendAsync(_stream, "POST", "/v1/chat/completions", _post, Body);

    [Benchmark]
    public Task Catch_all() => SendAsync(_json, "GET", "/v1/organizations/me", _get, NoBody);

    private static async Task SendAsync(InMemoryServer server, string method, string path, HeaderDictionary headers, byte[] body)
    {
        var status = await server.SendAsync(method, path, headers, body);
        if (status != StatusCodes.Status200OK)
        {
            throw new InvalidOperationException($"The answer is a {status}.");
        }
    }

    private async Task<InMemoryServer> StartAsync(Func<HttpRequestMessage, HttpResponseMessage> answer)
    {
        var server = new InMemoryServer();
        var upstream = new InMemoryUpstream(answer);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IServer>(server);
        if (Proxy == "Headroom")
        {
            builder.Services.AddHeadroomProxy(options => options.AllowedUpstreams.Add(Upstream)).UseUnguardedPrimaryHandler(upstream);
        }
        else
        {
            builder.Services.AddHttpForwarder();
        }

        var app = builder.Build();
        if (Proxy == "Headroom")
        {
            app.MapHeadroomRoutes();
        }
        else
        {
            app.MapForwarder("/{**path}", Upstream, ForwarderRequestConfig.Empty, HttpTransformer.Default, new HttpMessageInvoker(upstream));
        }

        await app.StartAsync();
        _apps.Add(app);
        return server;
    }
}
