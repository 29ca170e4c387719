using Headroom.Routing;
using Headroom.Routing.Connections;
using Headroom.Routing.Handlers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extends HTTP clients of <see cref="IHttpClientFactory"/>.</summary>
public static class HeadroomHttpClientBuilderExtensions
{
    /// <summary>
    /// Guards a client whose URLs come from outside against server-side request forgery: every address that a host
    /// resolves to must be public (<see cref="AddressRules.IsPublic"/>), judged at the moment of the connection.
    /// The client follows no redirects, keeps no cookies, uses no proxy and speaks HTTP/2 or lower.
    /// </summary>
    /// <remarks>
    /// <para>
    /// A refused request fails with an <see cref="HttpRequestException"/>; see <see cref="BlockedAddressException.TryFind"/>.
    /// </para>
    /// <para>
    /// The guard is the client's primary handler. Tune it by <c>UseSocketsHttpHandler</c>, whose timeouts and TLS options
    /// are free; a client whose primary handler is replaced, or whose guard, proxy, redirects or cookies are changed, throws
    /// an <see cref="InvalidOperationException"/> when it is created. A test answers from a <see cref="DelegatingHandler"/>.
    /// </para>
    /// </remarks>
    /// <param name="builder">The client to guard.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static IHttpClientBuilder AddAddressGuard(this IHttpClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);

        builder.Services.TryAddSingleton<IHostResolver, DnsHostResolver>();
        builder.ConfigurePrimaryHttpMessageHandler(static services => UpstreamHandlerFactory.Create(
            UpstreamTrust.Public, services.GetRequiredService<IHostResolver>(), UpstreamHandlerFactory.DefaultConnectTimeout));

        // After all other configuration of this client, so that the cap is innermost and the check sees the final handler.
        builder.Services.PostConfigure<HttpClientFactoryOptions>(builder.Name, static options =>
            options.HttpMessageHandlerBuilderActions.Add(static chain =>
            {
                if (!UpstreamHandlerFactory.IsGuarded(chain.PrimaryHandler, UpstreamTrust.Public))
                {
                    throw new InvalidOperationException(
                        $"The address guard of HTTP client '{chain.Name}' was replaced or loosened after AddAddressGuard().");
                }

                UpstreamHandlerFactory.Settle(chain.PrimaryHandler);
                chain.AdditionalHandlers.Add(new Http2OrLowerHandler());
            }));

        return builder;
    }

    /// <summary>Removes every control header (<c>x-headroom-*</c>) from the client's requests.</summary>
    /// <param name="builder">The client.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static IHttpClientBuilder AddHeaderStripping(this IHttpClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddHttpMessageHandler(static () => new HeaderStrippingHandler());
    }

    /// <summary>
    /// Lets a request of the client name its upstream, in an <c>X-Headroom-Upstream</c> header or by an <see cref="UpstreamScope"/>: its URL is rewritten by
    /// the proxy's rules and every control header is removed. A request that names none goes where it was going. Further calls add to the first.
    /// </summary>
    /// <remarks>
    /// <para>
    /// The whole request is redirected, with every header that it has by then. So add a secret of your own in a handler that runs after this one, and
    /// only to requests without a <see cref="HeadroomRequestOptions.Target"/>: those that have one were redirected.
    /// An upstream that is not allowed fails with an <see cref="UpstreamRefusedException"/>. The client's primary handler becomes one that
    /// holds upstreams which the caller chose to public addresses; a client that had it replaced throws an
    /// <see cref="InvalidOperationException"/> when it is created. A test puts an <see cref="UpstreamOverrideHandler"/> in front of its own.
    /// </para>
    /// <para>
    /// The options are named by the client (<c>services.Configure&lt;HeadroomClientOptions&gt;("llm", ...)</c> adds to them). Errors in them stop the app's
    /// start or, without a host, throw an <see cref="OptionsValidationException"/> when the client is created. An invalid reload is logged, and the last valid
    /// options stay.
    /// </para>
    /// </remarks>
    /// <param name="builder">The client.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static IHttpClientBuilder AddUpstreamOverride(this IHttpClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var client = NameOf(builder);
        if (!builder.Services.Any(service => service.ServiceType == typeof(CurrentClientOptions) && client.Equals(service.ServiceKey)))
        {
            AddCurrentOptions(builder.Services, client);
            AddHandlers(builder, client);
        }

        return builder;
    }

    /// <inheritdoc cref="AddUpstreamOverride(IHttpClientBuilder)"/>
    /// <param name="builder">The client.</param>
    /// <param name="configure">Says where requests may go besides the providers' own hosts and the catalog.</param>
    public static IHttpClientBuilder AddUpstreamOverride(this IHttpClientBuilder builder, Action<HeadroomClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        builder.Services.Configure(NameOf(builder), configure);
        return builder.AddUpstreamOverride();
    }

    /// <inheritdoc cref="AddUpstreamOverride(IHttpClientBuilder)"/>
    /// <param name="builder">The client.</param>
    /// <param name="configuration">
    /// A section is read itself, whatever its name; of anything else the section <c>Headroom</c> is read. A key that is not one of
    /// <see cref="HeadroomClientOptions"/> is an error.
    /// </param>
    public static IHttpClientBuilder AddUpstreamOverride(this IHttpClientBuilder builder, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configuration);
        var client = NameOf(builder);
        var section = ClientSection.In(configuration);
        builder.Services.AddSingleton(_ => new ClientSection(client, section));
        builder.Services.Configure<HeadroomClientOptions>(client, options => ClientSection.Bind(section, options));
        return builder.AddUpstreamOverride();
    }

    // The builder of ConfigureHttpClientDefaults() has no name.
    private static string NameOf(IHttpClientBuilder builder) => builder.Name ?? Options.Options.DefaultName;

    private static void AddHandlers(IHttpClientBuilder builder, string client)
    {
        builder.Services.TryAddSingleton<IHostResolver, DnsHostResolver>();
        builder.Services.PostConfigure<HttpClientFactoryOptions>(builder.Name, static options =>
            options.HttpMessageHandlerBuilderActions.Add(static chain =>
            {
                if (chain.PrimaryHandler is not AddressRuleSelector)
                {
                    throw new InvalidOperationException(
                        $"The guarded primary handler of HTTP client '{chain.Name}' was replaced after AddUpstreamOverride(); {nameof(HeadroomClientOptions)}.{nameof(HeadroomClientOptions.ConfigureHandler)}() tunes it.");
                }
            }));
        builder
            .ConfigurePrimaryHttpMessageHandler(services => new AddressRuleSelector(Current(services).Options, services.GetRequiredService<IHostResolver>()))
            .AddHttpMessageHandler(services =>
            {
                var current = Current(services);
                return new UpstreamOverrideHandler(() => current.Resolver);
            });

        CurrentClientOptions Current(IServiceProvider services) => services.GetRequiredKeyedService<CurrentClientOptions>(client);
    }

    private static void AddCurrentOptions(IServiceCollection services, string client)
    {
        services.AddOptions<HeadroomClientOptions>(client).ValidateOnStart();
        services.AddKeyedSingleton(client, (_, _) => new ReloadSignal<HeadroomClientOptions>(client));
        services.AddSingleton<IOptionsChangeTokenSource<HeadroomClientOptions>>(Signal);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<HeadroomClientOptions>, HeadroomClientOptionsValidator>());
        services.AddKeyedSingleton(client, (provider, _) => new CurrentClientOptions(
            client,
            provider.GetRequiredService<IOptionsFactory<HeadroomClientOptions>>(),
            provider.GetServices<ClientSection>(),
            provider.GetServices<IOptionsChangeTokenSource<HeadroomClientOptions>>(),
            Signal(provider),
            provider.GetRequiredService<ILogger<CurrentClientOptions>>()));

        ReloadSignal<HeadroomClientOptions> Signal(IServiceProvider provider) => provider.GetRequiredKeyedService<ReloadSignal<HeadroomClientOptions>>(client);
    }
}
