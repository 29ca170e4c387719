using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Headroom.HostApp.Demo;

/// <summary>
/// A pretended provider on its own address: it speaks OpenAI's, Anthropic's and Gemini's formats, whole and streamed,
/// and echoes at <c>/echo</c> what reached it.
/// </summary>
public sealed class DemoUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;

    private DemoUpstream(WebApplication app)
    {
        _app = app;
        Address = BoundAddress.Of(app);
    }

    /// <summary>Where it listens, with the real port.</summary>
    public Uri Address { get; }

    /// <summary>Starts one.</summary>
    /// <param name="url">An <c>http</c> address; port 0 takes a free one.</param>
    /// <param name="cancellationToken">Gives the start up.</param>
    /// <exception cref="DemoUpstreamException">It cannot listen there.</exception>
    public static async Task<DemoUpstream> StartAsync(string url = "http://127.0.0.1:0", CancellationToken cancellationToken = default)
    {
        if (!url.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        {
            throw new DemoUpstreamException($"The demo upstream cannot listen on {url}: its address starts with http://.");
        }

        // Empty: it must inherit neither the host's appsettings, addresses and logs nor ASPNETCORE_* variables.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(url);
        builder.Services.AddRoutingCore();
        builder.Services.Configure<KestrelServerOptions>(options => options.Limits.MaxRequestBodySize = null);
        // Whoever still waits for an answer does not hold up the end of the host.
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));

        var app = builder.Build();
        DemoRoutes.Map(app);

        try
        {
            await app.StartAsync(cancellationToken);
            return new DemoUpstream(app);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            await app.DisposeAsync();
            var cause = fault is IOException { InnerException: AddressInUseException } ? "the address is already in use" : fault.Message;
            throw new DemoUpstreamException($"The demo upstream cannot listen on {url}: {cause.TrimEnd('.')}.", fault);
        }
    }

    /// <summary>Stops it; what is still being answered is cut off after a second.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
