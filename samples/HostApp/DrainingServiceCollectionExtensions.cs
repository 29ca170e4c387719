using Headroom.HostApp;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

internal static class DrainingServiceCollectionExtensions
{
    // For what was aborted to unwind, so that the host does not give up: it would end with an exception.
    private static readonly TimeSpan Unwinding = TimeSpan.FromSeconds(10);

    /// <summary>Adds health checks that know when the app is stopping, a stop that loses no request, and the settings <see cref="DrainingOptions"/>.</summary>
    public static void AddDraining(this IServiceCollection services)
    {
        services.AddHealthChecks().AddCheck<Readiness>("readiness");
        services.AddSingleton<Listeners>();
        services.AddOptions<SocketTransportOptions>().Configure<Listeners>((sockets, listeners) => sockets.CreateBoundListenSocket = listeners.Listen);
        services.AddSingleton<Draining>();
        services.AddSingleton<IStartupFilter>(provider => provider.GetRequiredService<Draining>());
        services.AddHostedService(provider => provider.GetRequiredService<Draining>());

        // A bare number would be read as days.
        services.AddOptions<DrainingOptions>().BindConfiguration("")
            .Validate(
                options => options.ShutdownDelay >= TimeSpan.Zero && options.ShutdownDelay <= TimeSpan.FromHours(1),
                "ShutdownDelay must be a time of at most an hour, written as hh:mm:ss (00:00:05 is five seconds).")
            .Validate(
                options => options.ShutdownTimeout >= TimeSpan.Zero && options.ShutdownTimeout < TimeSpan.FromDays(1),
                "ShutdownTimeout must be a time of less than a day, written as hh:mm:ss (00:05:00 is five minutes).");

        services.AddOptions<HostOptions>().PostConfigure<IOptions<DrainingOptions>>((host, draining) =>
            host.ShutdownTimeout = Draining.LimitOf(draining.Value) + Unwinding);
    }
}
