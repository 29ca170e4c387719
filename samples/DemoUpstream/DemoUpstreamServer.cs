using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Headroom.DemoUpstream;

/// <summary>
/// A pretend provider on its own address: it speaks OpenAI's, Anthropic's and Gemini's formats, whole and streamed,
/// and echoes at <c>/echo</c> what reached it.
/// </summary>
public sealed class DemoUpstreamServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private DemoUpstreamServer(WebApplication app)
    {
        _app = app;
        Address = app.GetBoundAddress();
    }

    /// <summary>Where it listens, with the real port.</summary>
    public Uri Address { get; }

    /// <summary>Starts one.</summary>
    /// <param name="url">An <c>http</c> address; port 0 takes a free one.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="DemoUpstreamException">It cannot listen there.</exception>
    public static async Task<DemoUpstreamServer> StartAsync(string url = "http://127.0.0.1:0", CancellationToken cancellationToken = default)
    {
        if (!url.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        {
            throw new DemoUpstreamException($"The demo upstream cannot listen on {url}: its address starts with http://.");
        }

        // Empty: it must not inherit the settings, addresses and logging of the app that starts it, nor ASPNETCORE_* variables.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(url);
        builder.Services.AddRoutingCore();
        builder.Services.Configure<KestrelServerOptions>(options => options.Limits.MaxRequestBodySize = null);
        // A client that still waits for an answer does not delay the shutdown of that app.
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));

        var app = builder.Build();
        DemoRoutes.Map(app);

        try
        {
            await app.StartAsync(cancellationToken);
            return new DemoUpstreamServer(app);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            await app.DisposeAsync();
            var cause = exception is IOException { InnerException: AddressInUseException } ? "the address is already in use" : exception.Message;
            throw new DemoUpstreamException($"The demo upstream cannot listen on {url}: {cause.TrimEnd('.')}.", exception);
        }
    }

    /// <summary>Stops it; what is still being answered is cut off after a second.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
