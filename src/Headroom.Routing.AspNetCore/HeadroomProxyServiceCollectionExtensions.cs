using Headroom.Routing;
using Headroom.Routing.AspNetCore;
using Headroom.Routing.AspNetCore.Configuration;
using Headroom.Routing.AspNetCore.Forwarding;
using Headroom.Routing.AspNetCore.Routing;
using Headroom.Routing.Connections;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the proxy to an application.</summary>
public static class HeadroomProxyServiceCollectionExtensions
{
    /// <summary>Adds the proxy, configured by the section <c>Headroom</c> of the application's configuration, if it has one. Further calls add to the first.</summary>
    /// <param name="services">The application's services.</param>
    public static HeadroomProxyBuilder AddHeadroomProxy(this IServiceCollection services) => Add(services, null, null);

    /// <inheritdoc cref="AddHeadroomProxy(IServiceCollection)"/>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Changes the options after the configuration was read.</param>
    public static HeadroomProxyBuilder AddHeadroomProxy(this IServiceCollection services, Action<HeadroomProxyOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Add(services, null, configure);
    }

    /// <summary>Adds the proxy, configured by the section <c>Headroom</c> and the <c>*_TARGET_API_URL</c> variables of a configuration.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configuration">The root of the configuration.</param>
    public static HeadroomProxyBuilder AddHeadroomProxy(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return Add(services, configuration, null);
    }

    private static HeadroomProxyBuilder Add(IServiceCollection services, IConfiguration? configuration, Action<HeadroomProxyOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(services);

        var clients = services.FirstOrDefault(service => service.ServiceType == typeof(UpstreamClients))?.ImplementationInstance as UpstreamClients;
        if (clients is null)
        {
            clients = AddProxy(services);
            AddSource(services, configuration);
        }
        else if (configuration is not null)
        {
            AddSource(services, configuration);
        }

        if (configure is not null)
        {
            services.Configure(configure);
        }

        return new HeadroomProxyBuilder(services, clients);
    }

    private static UpstreamClients AddProxy(IServiceCollection services)
    {
        services.AddRouting();
        services.TryAddSingleton<IHostResolver, DnsHostResolver>();
        services.AddSingleton<CurrentOptions>();
        services.AddSingleton<ForwardingEndpoint>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<MatcherPolicy, HeadroomMatcherPolicy>());
        services.AddHostedService<StartupCheck>();

        var clients = new UpstreamClients();
        services.AddSingleton(clients);
        clients.Register(services);
        return clients;
    }

    // Without a configuration of its own, the application's, if it has one.
    private static void AddSource(IServiceCollection services, IConfiguration? configuration)
    {
        services.AddSingleton<IConfigureOptions<HeadroomProxyOptions>>(Create);
        services.AddSingleton<IOptionsChangeTokenSource<HeadroomProxyOptions>>(Create);

        HeadroomProxyOptionsSetup Create(IServiceProvider provider) => new(
            configuration ?? provider.GetService<IConfiguration>() ?? new ConfigurationManager(), provider.GetServices<Provider>());
    }
}
