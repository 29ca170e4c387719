using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Headroom.HostApp;

/// <summary>
/// Turns <c>/readyz</c> to 503 once the app begins to stop, and keeps the listener open for a while after that: a load balancer
/// notices and sends its requests elsewhere, so that none of them meets a closed port.
/// </summary>
internal sealed class Readiness(IHostApplicationLifetime lifetime, IOptions<ReadinessOptions> options, TimeProvider? time = null)
    : IHealthCheck, IHostedLifecycleService
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken) => Task.FromResult(
        lifetime.ApplicationStopping.IsCancellationRequested ? HealthCheckResult.Unhealthy("The app is stopping.") : HealthCheckResult.Healthy());

    /// <summary>The generic host closes the listener when this has ended.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        // SIGTERM and Ctrl+C have signaled this already; a direct call of StopAsync has not.
        lifetime.StopApplication();
        await Task.Delay(options.Value.ShutdownDelay, time ?? TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
