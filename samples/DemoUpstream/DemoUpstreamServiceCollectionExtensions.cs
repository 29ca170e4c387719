using Headroom.DemoUpstream;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the demo upstream to an app.</summary>
public static class DemoUpstreamServiceCollectionExtensions
{
    /// <summary>Runs the demo upstream as long as the app runs, on the address in the setting <c>DemoUpstream:Url</c>.</summary>
    public static IServiceCollection AddDemoUpstream(this IServiceCollection services)
    {
        services.AddSingleton<DemoUpstreamHostedService>();
        return services.AddHostedService(provider => provider.GetRequiredService<DemoUpstreamHostedService>());
    }
}
