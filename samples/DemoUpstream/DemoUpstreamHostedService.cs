namespace Headroom.DemoUpstream;

/// <summary>Starts and stops the demo upstream with the app, on the address in <c>DemoUpstream:Url</c>.</summary>
public sealed class DemoUpstreamHostedService(IConfiguration configuration) : IHostedService, IAsyncDisposable
{
    private const string Key = "DemoUpstream:Url";

    /// <summary>The running upstream; null before the start, after the stop, and when the setting is empty.</summary>
    public DemoUpstreamServer? Running { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (configuration[Key] is { Length: > 0 } url)
        {
            try
            {
                Running = await DemoUpstreamServer.StartAsync(url, cancellationToken);
            }
            catch (DemoUpstreamException exception)
            {
                throw new DemoUpstreamException($"{exception.Message} Choose another with --{Key} (http://127.0.0.1:0 takes a free port, an empty value turns it off).", exception);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => DisposeAsync().AsTask();

    /// <summary>Also the way out when the app fails to start after this service did.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Running is { } upstream)
        {
            Running = null;
            await upstream.DisposeAsync();
        }
    }
}
