using Headroom.Routing.AspNetCore;
using Headroom.Routing.AspNetCore.Forwarding;
using Headroom.Routing.AspNetCore.Routing;
using Headroom.Routing.Policy;
using Headroom.Routing.Providers;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the proxy to an application.</summary>
public static class HeadroomProxyServiceCollectionExtensions
{
    /// <summary>Adds the proxy, configured by the section <c>Headroom</c> of the application's configuration, if it has one.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Changes options after the configuration was read.</param>
    public static HeadroomProxyBuilder AddHeadroomProxy(this IServiceCollection services, Action<HeadroomProxyOptions>? configure = null) =>
        Add(services, null, configure);

    /// <summary>Adds the proxy, configured by the section <c>Headroom</c> and the <c>*_TARGET_API_URL</c> variables of a configuration.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configuration">The root of the configuration.</param>
    /// <param name="configure">Changes options after the configuration was read.</param>
    public static HeadroomProxyBuilder AddHeadroomProxy(
        this IServiceCollection services, IConfiguration configuration, Action<HeadroomProxyOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return Add(services, configuration, configure);
    }

    private static HeadroomProxyBuilder Add(IServiceCollection services, IConfiguration? configuration, Action<HeadroomProxyOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(services);

        services.AddRouting();
        services.AddOptions();
        services.TryAddSingleton(provider => new HeadroomProxyOptionsSetup(
            configuration ?? provider.GetService<IConfiguration>() ?? new ConfigurationManager(), provider.GetServices<Provider>()));
        services.AddSingleton<IConfigureOptions<HeadroomProxyOptions>>(provider => provider.GetRequiredService<HeadroomProxyOptionsSetup>());
        services.AddSingleton<IOptionsChangeTokenSource<HeadroomProxyOptions>>(provider => provider.GetRequiredService<HeadroomProxyOptionsSetup>());
        if (configure is not null)
        {
            services.Configure(configure);
        }

        var clients = AddClients(services);
        services.TryAddSingleton<ProxyState>();
        services.TryAddSingleton<ForwardingEndpoint>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<MatcherPolicy, HeadroomMatcherPolicy>());
        services.AddHostedService<StartupCheck>();
        return new HeadroomProxyBuilder(services, clients);
    }

    private static UpstreamClients AddClients(IServiceCollection services)
    {
        if (services.FirstOrDefault(service => service.ServiceType == typeof(UpstreamClients))?.ImplementationInstance is UpstreamClients existing)
        {
            return existing;
        }

        var clients = new UpstreamClients();
        services.AddSingleton(clients);
        services.TryAddSingleton<IHostResolver, DnsHostResolver>();
        clients.Register(services);
        return clients;
    }
}
