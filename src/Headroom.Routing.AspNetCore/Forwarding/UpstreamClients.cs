using System.Net;
using Headroom.Routing.AspNetCore.Configuration;
using Headroom.Routing.Connections;
using Headroom.Routing.Handlers;
using Headroom.Routing.Policy;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>
/// The HTTP clients that requests are forwarded with. There is one for each address rule, so that a pooled connection never serves a request that
/// its rule would have refused, and for each rule one without TLS, whose idle connections are kept for a shorter time. Each keeps its handlers
/// for the app's life: connections are what is recycled.
/// </summary>
internal sealed class UpstreamClients : IEgressProxySource
{
    // In the order that IndexFor counts by.
    private static readonly Kind[] Kinds =
    [
        new("Headroom.Operator", UpstreamTrust.Operator, Cleartext: false),
        new("Headroom.Operator.Cleartext", UpstreamTrust.Operator, Cleartext: true),
        new("Headroom.Public", UpstreamTrust.Public, Cleartext: false),
        new("Headroom.Public.Cleartext", UpstreamTrust.Public, Cleartext: true),
    ];

    private readonly Lazy<Built> _built;

    /// <param name="factory">Builds the clients with all that the app configured.</param>
    /// <param name="unguarded">What a test put in the place of the network, if anything.</param>
    public UpstreamClients(IHttpMessageHandlerFactory factory, IEnumerable<UnguardedHandler> unguarded) =>
        _built = new Lazy<Built>(() => Build(factory, isGuarded: !unguarded.Any()));

    internal static IEnumerable<string> Names => Kinds.Select(kind => kind.Name);

    /// <inheritdoc/>
    public IWebProxy? Proxy => _built.Value.OperatorProxy;

    /// <summary>The client for a target.</summary>
    internal UpstreamClient For(UpstreamTarget target) => _built.Value.Clients[IndexFor(target)];

    /// <summary>The name of the client for a target.</summary>
    internal static string NameFor(UpstreamTarget target) => Kinds[IndexFor(target)].Name;

    /// <summary>Whether requests to a target go through the egress proxy. Those of the public clients never do.</summary>
    internal bool IsProxied(UpstreamTarget target) => target.Trust == UpstreamTrust.Operator && UpstreamPolicy.IsProxied(Proxy, target.Uri);

    internal static void Register(IServiceCollection services)
    {
        foreach (var kind in Kinds)
        {
            Register(services, kind);
        }
    }

    private static int IndexFor(UpstreamTarget target) =>
        (target.Trust == UpstreamTrust.Operator ? 0 : 2) + (target.Upstream.Scheme == Uri.UriSchemeHttp ? 1 : 0);

    private static Built Build(IHttpMessageHandlerFactory factory, bool isGuarded)
    {
        var clients = new UpstreamClient[Kinds.Length];
        IWebProxy? operatorProxy = null;
        for (var i = 0; i < Kinds.Length; i++)
        {
            var handler = factory.CreateHandler(Kinds[i].Name);
            clients[i] = new UpstreamClient(new HttpMessageInvoker(handler, disposeHandler: false), HasForeignHandlers: !isGuarded || HasForeignHandlers(handler));
            if (isGuarded)
            {
                operatorProxy = CheckGuard(handler, Kinds[i].Name, Kinds[i].Trust) ?? operatorProxy;
            }
        }

        return new Built(clients, operatorProxy);
    }

    // Looks at the finished chain, for an app may act on a client's handlers after every configuration of ours.
    private static IWebProxy? CheckGuard(HttpMessageHandler handler, string name, UpstreamTrust trust)
    {
        while (handler is DelegatingHandler { InnerHandler: { } inner })
        {
            handler = inner;
        }

        UpstreamHandlerFactory.Settle(handler);
        return UpstreamHandlerFactory.IsGuarded(handler, trust)
            ? handler is SocketsHttpHandler { UseProxy: true } sockets ? sockets.Proxy ?? EgressProxy.OfEnvironment : null
            : throw new InvalidOperationException(
                $"The HTTP client '{name}' lost its guard: ConfigureHttpClients() may tune its SocketsHttpHandler, but not replace it or allow redirects, cookies or another connect callback.");
    }

    // Besides ours, there is one of the factory's own, which tracks the others' lifetime.
    private static bool HasForeignHandlers(HttpMessageHandler handler) =>
        handler is DelegatingHandler { InnerHandler: { } inner }
        && (HasForeignHandlers(inner)
            || (handler is not (HeaderStrippingHandler or OperatorKeyHandler or Http2OrLowerHandler) && handler.GetType().Assembly != typeof(IHttpMessageHandlerFactory).Assembly));

    private static void Register(IServiceCollection services, Kind kind)
    {
        services.AddHttpClient(kind.Name)
            // What the app adds to all of its clients (retries, timeouts, logging of URLs) would break streams or tell secrets.
            // What it adds to these clients by ConfigureHttpClients comes later and stays.
            .ConfigureAdditionalHttpMessageHandlers(static (handlers, _) => handlers.Clear())
            .RemoveAllLoggers()
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(provider =>
            {
                var options = provider.GetRequiredService<IOptions<HeadroomProxyOptions>>().Value;
                return UpstreamHandlerFactory.Create(
                    kind.Trust,
                    provider.GetRequiredService<IHostResolver>(),
                    options.ConnectTimeout,
                    options.IdleConnectionTimeout ?? (kind.Cleartext ? UpstreamHandlerFactory.DefaultIdleCleartextTimeout : null));
            });

        // After all other configuration of the client, so that these are the innermost handlers.
        services.AddOptions<HttpClientFactoryOptions>(kind.Name).PostConfigure<IEnumerable<UnguardedHandler>>((options, unguarded) =>
            options.HttpMessageHandlerBuilderActions.Add(chain =>
            {
                chain.PrimaryHandler = unguarded.LastOrDefault()?.Handler ?? chain.PrimaryHandler;
                chain.AdditionalHandlers.Add(new HeaderStrippingHandler());
                chain.AdditionalHandlers.Add(new OperatorKeyHandler());
                chain.AdditionalHandlers.Add(new Http2OrLowerHandler());
            }));
    }

    private sealed record Kind(string Name, UpstreamTrust Trust, bool Cleartext);

    private sealed record Built(UpstreamClient[] Clients, IWebProxy? OperatorProxy);
}
