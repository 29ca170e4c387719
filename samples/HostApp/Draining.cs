using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Headroom.HostApp;

/// <summary>
/// Lets a stopping app go without losing a request. It goes on listening for <see cref="DrainingOptions.ShutdownDelay"/>, until load balancers have
/// noticed that <c>/readyz</c> says 503. Answers that begin meanwhile are the last on their connections: over HTTP/1.1 they say <c>Connection: close</c>,
/// over HTTP/2 a GOAWAY goes with them. What still runs when <see cref="DrainingOptions.ShutdownTimeout"/> is over too is aborted, and no client takes
/// that for an end: HTTP/1.1 connections are reset, HTTP/2 streams end with RST_STREAM.
/// </summary>
internal sealed partial class Draining : IStartupFilter, IHostedLifecycleService, IDisposable
{
    // For connections that were accepted last to bring their first request: Kestrel would close them as idle.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);

    private readonly IHostApplicationLifetime _lifetime;
    private readonly Listeners _listeners;
    private readonly DrainingOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _over;
    private readonly Func<object, Task> _leave;
    private readonly Action<object?> _abort;
    private int _aborted;

    public Draining(
        IHostApplicationLifetime lifetime, Listeners listeners, IOptions<DrainingOptions> options, ILogger<Draining> logger, TimeProvider? time = null)
    {
        _lifetime = lifetime;
        _listeners = listeners;
        _options = options.Value;
        _logger = logger;
        _time = time ?? TimeProvider.System;
        _over = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _time);
        _leave = context =>
        {
            if (_lifetime.ApplicationStopping.IsCancellationRequested)
            {
                ((HttpContext)context).Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
            }

            return Task.CompletedTask;
        };
        _abort = request =>
        {
            Interlocked.Increment(ref _aborted);
            ((IHttpRequestLifetimeFeature)request!).Abort();
        };
    }

    /// <summary>How long a stop may take until requests are aborted.</summary>
    public static TimeSpan LimitOf(DrainingOptions options) =>
        options.ShutdownDelay + (options.ShutdownDelay > TimeSpan.Zero ? Settling : TimeSpan.Zero) + options.ShutdownTimeout;

    /// <summary>Puts every request of the app, before any other middleware, under the rules above.</summary>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(ServeAsync);
        next(app);
    };

    /// <summary>The generic host stops Kestrel when this has ended, which closes all idle connections.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        // SIGTERM and Ctrl+C have signaled this already; a direct call of StopAsync has not.
        _lifetime.StopApplication();
        _over.CancelAfter(LimitOf(_options));
        if (_options.ShutdownDelay > TimeSpan.Zero)
        {
            await WaitAsync(_options.ShutdownDelay);
            _listeners.Close();
            await WaitAsync(Settling);
        }

        async Task WaitAsync(TimeSpan time) => await Task.Delay(time, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        if (_aborted > 0)
        {
            LogAborted(_options.ShutdownTimeout, _aborted);
        }

        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _over.Dispose();

    private async Task ServeAsync(HttpContext context, RequestDelegate next)
    {
        context.Response.OnStarting(_leave, context);
        using var over = _over.Token.UnsafeRegister(_abort, context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>());
        await next(context);
    }

    [LoggerMessage(1, LogLevel.Warning, "Aborted requests that had not ended within ShutdownTimeout ({Timeout}): {Count}")]
    private partial void LogAborted(TimeSpan timeout, int count);
}
