using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Headroom.HostApp;

/// <summary>
/// Lets a stopping app go without losing a request. The listener stays open for <see cref="DrainingOptions.ShutdownDelay"/>, until load balancers have
/// noticed that <c>/readyz</c> says 503. A connection closes after the request that it carries: HTTP/1.1 answers say <c>Connection: close</c>, HTTP/2
/// clients get a GOAWAY. What still runs when <see cref="DrainingOptions.ShutdownTimeout"/> is over too is aborted, and no client takes that for an end:
/// HTTP/1.1 connections are reset, HTTP/2 streams end with RST_STREAM.
/// </summary>
internal sealed partial class Draining : IStartupFilter, IHostedLifecycleService, IDisposable
{
    private readonly IHostApplicationLifetime _lifetime;
    private readonly DrainingOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _over;
    private readonly Action<object?> _abort;
    private int _aborted;

    public Draining(IHostApplicationLifetime lifetime, IOptions<DrainingOptions> options, ILogger<Draining> logger, TimeProvider? time = null)
    {
        _lifetime = lifetime;
        _options = options.Value;
        _logger = logger;
        _time = time ?? TimeProvider.System;
        _over = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _time);
        _abort = request =>
        {
            Interlocked.Increment(ref _aborted);
            ((IHttpRequestLifetimeFeature)request!).Abort();
        };
    }

    /// <summary>Puts every request of the app, before any other middleware, under the rules above.</summary>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(ServeAsync);
        next(app);
    };

    /// <summary>The generic host closes the listener and all idle connections when this has ended.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        // SIGTERM and Ctrl+C have signaled this already; a direct call of StopAsync has not.
        _lifetime.StopApplication();
        _over.CancelAfter(_options.ShutdownDelay + _options.ShutdownTimeout);
        await Task.Delay(_options.ShutdownDelay, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        if (_aborted > 0)
        {
            LogAborted(_aborted, _options.ShutdownTimeout);
        }

        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _over.Dispose();

    // If the app is stopping already, the first callback runs at once. Neither costs memory: registrations are used again.
    private async Task ServeAsync(HttpContext context, RequestDelegate next)
    {
        using var leaving = _lifetime.ApplicationStopping.UnsafeRegister(CloseAfterRequest, context.Features.Get<IConnectionLifetimeNotificationFeature>());
        using var over = _over.Token.UnsafeRegister(_abort, context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>());
        await next(context);
    }

    private static void CloseAfterRequest(object? connection) => ((IConnectionLifetimeNotificationFeature?)connection)?.RequestClose();

    [LoggerMessage(1, LogLevel.Warning, "{Count} requests were aborted because they had not ended within ShutdownTimeout ({Timeout})")]
    private partial void LogAborted(int count, TimeSpan timeout);
}
