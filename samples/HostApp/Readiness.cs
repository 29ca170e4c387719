using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Headroom.HostApp;

/// <summary>Turns <c>/readyz</c> to 503 once the app begins to stop, so that load balancers send their requests elsewhere.</summary>
internal sealed class Readiness(IHostApplicationLifetime lifetime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken) => Task.FromResult(
        lifetime.ApplicationStopping.IsCancellationRequested ? HealthCheckResult.Unhealthy("The app is stopping.") : HealthCheckResult.Healthy());
}
