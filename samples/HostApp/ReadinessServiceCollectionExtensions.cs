using Headroom.HostApp;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

internal static class ReadinessServiceCollectionExtensions
{
    /// <summary>Adds health checks that know when the app is stopping, and the setting <c>ShutdownDelay</c>.</summary>
    public static void AddReadiness(this IServiceCollection services)
    {
        services.AddHealthChecks().AddCheck<Readiness>("readiness");
        services.AddHostedService<Readiness>();

        // A bare number would be read as days.
        services.AddOptions<ReadinessOptions>().BindConfiguration("").Validate(
            options => options.ShutdownDelay >= TimeSpan.Zero && options.ShutdownDelay <= TimeSpan.FromHours(1),
            "ShutdownDelay must be a time of at most an hour, written as hh:mm:ss (00:00:05 is five seconds).");

        // The generic host counts the delay too: requests in flight keep all of ShutdownTimeoutSeconds.
        services.AddOptions<HostOptions>().PostConfigure<IOptions<ReadinessOptions>>((host, readiness) =>
        {
            if (host.ShutdownTimeout != Timeout.InfiniteTimeSpan)
            {
                host.ShutdownTimeout += readiness.Value.ShutdownDelay;
            }
        });
    }
}
