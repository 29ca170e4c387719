namespace Headroom.HostApp.Demo;

/// <summary>Starts and stops the demo upstream with the host, on the address in <c>DemoUpstream:Url</c>.</summary>
public sealed class DemoUpstreamService(IConfiguration configuration) : IHostedService, IAsyncDisposable
{
    private const string Key = "DemoUpstream:Url";

    /// <summary>The running upstream; null before the start, after the stop, and when the setting is empty.</summary>
    public DemoUpstream? Running { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (configuration[Key] is { Length: > 0 } url)
        {
            try
            {
                Running = await DemoUpstream.StartAsync(url, cancellationToken);
            }
            catch (DemoUpstreamException fault)
            {
                throw new DemoUpstreamException($"{fault.Message} Choose another with --{Key} (http://127.0.0.1:0 takes a free port, an empty value turns it off).", fault);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => DisposeAsync().AsTask();

    /// <summary>Also the way out when the host fails to start after this service did.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Running is { } upstream)
        {
            Running = null;
            await upstream.DisposeAsync();
        }
    }
}
