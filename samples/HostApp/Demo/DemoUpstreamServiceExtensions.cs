namespace Headroom.HostApp.Demo;

internal static class DemoUpstreamServiceExtensions
{
    public static void AddDemoUpstream(this IServiceCollection services)
    {
        services.AddSingleton<DemoUpstreamService>();
        services.AddHostedService(provider => provider.GetRequiredService<DemoUpstreamService>());
    }
}
