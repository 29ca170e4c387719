using System.Net;
using Headroom.Routing.AspNetCore.Configuration;
using Headroom.Routing.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>
/// The two HTTP clients that requests are forwarded with, one for each address rule, so that a pooled connection never serves a request
/// that its rule would have refused. Each keeps its handlers for the app's life: connections are what is recycled.
/// </summary>
internal sealed class UpstreamClients : IEgressProxySource
{
    private const string OperatorName = "Headroom.Operator";
    private const string PublicName = "Headroom.Public";

    private readonly Lazy<Handlers> _handlers;

    /// <param name="factory">Builds the clients with all that the app configured.</param>
    /// <param name="unguarded">What a test put in the place of the network, if anything.</param>
    public UpstreamClients(IHttpMessageHandlerFactory factory, IEnumerable<UnguardedHandler> unguarded) =>
        _handlers = new Lazy<Handlers>(() => Build(factory, isGuarded: !unguarded.Any()));

    internal static IReadOnlyList<string> Names { get; } = [OperatorName, PublicName];

    /// <inheritdoc/>
    public IWebProxy? Proxy => _handlers.Value.OperatorProxy;

    /// <summary>The client for an address rule. Costs a small object; the handlers behind it are kept.</summary>
    internal HttpMessageInvoker For(UpstreamTrust trust) => new(
        trust == UpstreamTrust.Public ? _handlers.Value.Public : _handlers.Value.Operator,
        disposeHandler: false);

    internal static void Register(IServiceCollection services)
    {
        Register(services, OperatorName, UpstreamTrust.Operator);
        Register(services, PublicName, UpstreamTrust.Public);
    }

    private static Handlers Build(IHttpMessageHandlerFactory factory, bool isGuarded)
    {
        var forOperator = factory.CreateHandler(OperatorName);
        var forPublic = factory.CreateHandler(PublicName);
        IWebProxy? operatorProxy = null;
        if (isGuarded)
        {
            operatorProxy = CheckGuard(forOperator, OperatorName, UpstreamTrust.Operator);
            CheckGuard(forPublic, PublicName, UpstreamTrust.Public);
        }

        return new Handlers(forOperator, forPublic, operatorProxy);
    }

    // Looks at the finished chain, for a host may act on a client's handlers after every configuration of ours.
    private static IWebProxy? CheckGuard(HttpMessageHandler handler, string name, UpstreamTrust trust)
    {
        while (handler is DelegatingHandler { InnerHandler: { } inner })
        {
            handler = inner;
        }

        return UpstreamHandlerFactory.IsGuarded(handler, trust)
            ? handler is SocketsHttpHandler { UseProxy: true } sockets ? sockets.Proxy ?? EgressProxy.OfEnvironment : null
            : throw new InvalidOperationException(
                $"The HTTP client '{name}' lost its guard: ConfigureHttpClients() may tune its SocketsHttpHandler, but not replace it or allow redirects, cookies or another connect callback.");
    }

    private static void Register(IServiceCollection services, string name, UpstreamTrust trust)
    {
        services.AddHttpClient(name)
            // What the host adds to all of its clients (retries, timeouts, logging of URLs) would break streams or tell secrets.
            // What it adds to these clients by ConfigureHttpClients comes later and stays.
            .ConfigureAdditionalHttpMessageHandlers(static (handlers, _) => handlers.Clear())
            .RemoveAllLoggers()
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(provider => UpstreamHandlerFactory.Create(
                trust,
                provider.GetRequiredService<IHostResolver>(),
                provider.GetRequiredService<IOptions<HeadroomProxyOptions>>().Value.ConnectTimeout));

        // After all other configuration of the client, so that these are the innermost handlers.
        services.AddOptions<HttpClientFactoryOptions>(name).PostConfigure<IEnumerable<UnguardedHandler>>((options, unguarded) =>
            options.HttpMessageHandlerBuilderActions.Add(chain =>
            {
                chain.PrimaryHandler = unguarded.LastOrDefault()?.Handler ?? chain.PrimaryHandler;
                chain.AdditionalHandlers.Add(new HeaderStrippingHandler());
                chain.AdditionalHandlers.Add(new Http2OrLowerHandler());
            }));
    }

    private sealed record Handlers(HttpMessageHandler Operator, HttpMessageHandler Public, IWebProxy? OperatorProxy);
}
