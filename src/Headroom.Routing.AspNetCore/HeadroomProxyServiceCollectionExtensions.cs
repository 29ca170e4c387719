using Headroom.Routing;
using Headroom.Routing.AspNetCore;
using Headroom.Routing.AspNetCore.Configuration;
using Headroom.Routing.AspNetCore.Diagnostics;
using Headroom.Routing.AspNetCore.Explaining;
using Headroom.Routing.AspNetCore.Forwarding;
using Headroom.Routing.AspNetCore.Journal;
using Headroom.Routing.AspNetCore.Page;
using Headroom.Routing.AspNetCore.Routing;
using Headroom.Routing.Connections;
using Headroom.Routing.Handlers;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the proxy to an app.</summary>
public static class HeadroomProxyServiceCollectionExtensions
{
    /// <summary>Adds the proxy, configured by the section <c>Headroom</c> of the app's configuration, if it has one. Further calls add to the first.</summary>
    /// <param name="services">The app's services.</param>
    /// <returns>A builder that configures the proxy further.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
    public static HeadroomProxyBuilder AddHeadroomProxy(this IServiceCollection services) => Add(services, null, null);

    /// <inheritdoc cref="AddHeadroomProxy(IServiceCollection)"/>
    /// <param name="services">The app's services.</param>
    /// <param name="configure">Changes the options after the configuration was read.</param>
    public static HeadroomProxyBuilder AddHeadroomProxy(this IServiceCollection services, Action<HeadroomProxyOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Add(services, null, configure);
    }

    /// <summary>Adds the proxy, configured by a section, or by the section <c>Headroom</c> of a configuration. Further calls add to the first.</summary>
    /// <param name="services">The app's services.</param>
    /// <param name="configuration">
    /// A section (<c>builder.Configuration.GetSection("Headroom")</c>) is read itself, whatever its name; of anything else the section
    /// <c>Headroom</c> is read. The <c>*_TARGET_API_URL</c> variables come from the configuration that is given or, if that is a section,
    /// from the app's.
    /// </param>
    /// <returns>A builder that configures the proxy further.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static HeadroomProxyBuilder AddHeadroomProxy(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return Add(services, configuration, null);
    }

    private static HeadroomProxyBuilder Add(IServiceCollection services, IConfiguration? configuration, Action<HeadroomProxyOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(services);

        var isFirst = !services.Any(service => service.ServiceType == typeof(CurrentOptions));
        if (isFirst)
        {
            AddProxy(services);
        }

        if (isFirst || configuration is not null)
        {
            AddSource(services, configuration);
        }

        if (configure is not null)
        {
            services.Configure(configure);
        }

        return new HeadroomProxyBuilder(services);
    }

    // Types and factories only: several service providers may be built from one collection.
    private static void AddProxy(IServiceCollection services)
    {
        services.AddRouting();
        services.AddCors();
        services.Decorate<ICorsService>(cors => new KeepingCorsService(cors));
        services.TryAddSingleton<IHostResolver, DnsHostResolver>();
        services.AddSingleton<ConfigurationSources>();
        services.AddSingleton<OptionsCompiler>();
        services.AddSingleton<IValidateOptions<HeadroomProxyOptions>, HeadroomProxyOptionsValidator>();
        services.AddOptions<HeadroomProxyOptions>().ValidateOnStart();
        services.AddSingleton(_ => new ReloadSignal<HeadroomProxyOptions>(Options.Options.DefaultName));
        services.AddSingleton<IOptionsChangeTokenSource<HeadroomProxyOptions>>(provider => provider.GetRequiredService<ReloadSignal<HeadroomProxyOptions>>());
        services.AddSingleton<CurrentOptions>();
        services.AddSingleton<UpstreamClients>();
        services.AddSingleton<IEgressProxySource>(provider => provider.GetRequiredService<UpstreamClients>());
        services.AddMetrics();
        services.AddSingleton<ForwardingMeter>();
        services.AddSingleton<RequestTelemetry>();
        services.AddSingleton<RequestJournal>();
        services.AddSingleton<ForwardingEndpoint>();
        services.AddSingleton(provider => new HeadroomExplainer(
            provider.GetRequiredService<CurrentOptions>(), provider.GetRequiredService<UpstreamClients>(), provider.GetRequiredService<IHostResolver>()));
        services.AddSingleton<ExplainEndpoint>();
        services.AddSingleton<PageEvents>();
        services.AddSingleton<LivePage>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<MatcherPolicy, HeadroomMatcherPolicy>());
        services.AddHostedService<StartupCheck>();
        services.AddHostedService<ShadowCheck>();
        UpstreamClients.Register(services);
    }

    // Without a configuration of its own, the app's, if it has one.
    private static void AddSource(IServiceCollection services, IConfiguration? configuration)
    {
        services.AddSingleton(Section);
        services.AddSingleton<IConfigureOptions<HeadroomProxyOptions>>(provider =>
            new HeadroomProxyOptionsSetup(Section(provider), provider.GetServices<Provider>()));

        HeadroomSection Section(IServiceProvider provider) => new(configuration, provider.GetService<IConfiguration>());
    }
}
