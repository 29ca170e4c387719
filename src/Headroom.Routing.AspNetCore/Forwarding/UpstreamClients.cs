using System.Net;
using Headroom.Routing.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>
/// The two HTTP clients that requests are forwarded with, one for each address rule, so that a pooled connection never serves a request
/// that its rule would have refused. Each keeps its handlers for the app's life: connections are what is recycled.
/// </summary>
internal sealed class UpstreamClients
{
    private const string OperatorName = "Headroom.Operator";
    private const string PublicName = "Headroom.Public";

    private HttpMessageHandler? _operator;
    private HttpMessageHandler? _public;
    private IWebProxy? _operatorProxy;

    internal static IReadOnlyList<string> Names { get; } = [OperatorName, PublicName];

    /// <summary>What a test put in the place of the network.</summary>
    internal HttpMessageHandler? Unguarded { get; set; }

    /// <summary>The proxy that the operator's client goes through, from its handler or the environment.</summary>
    internal IWebProxy? OperatorProxy => Unguarded is null ? _operatorProxy : null;

    /// <summary>The client for an address rule. Costs a small object; the handlers behind it are kept.</summary>
    internal HttpMessageInvoker For(UpstreamTrust trust) => new(
        (trust == UpstreamTrust.Public ? _public : _operator) ?? throw new InvalidOperationException("The clients are not built."),
        disposeHandler: false);

    internal void Register(IServiceCollection services)
    {
        Register(services, OperatorName, UpstreamTrust.Operator);
        Register(services, PublicName, UpstreamTrust.Public);
    }

    /// <summary>Builds both clients with all that the host configured.</summary>
    /// <exception cref="InvalidOperationException">A client lost its guard.</exception>
    internal void Build(IHttpMessageHandlerFactory factory)
    {
        _operator = factory.CreateHandler(OperatorName);
        _public = factory.CreateHandler(PublicName);
        if (Unguarded is null)
        {
            _operatorProxy = CheckGuard(_operator, OperatorName, UpstreamTrust.Operator);
            CheckGuard(_public, PublicName, UpstreamTrust.Public);
        }
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

    private void Register(IServiceCollection services, string name, UpstreamTrust trust)
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
                provider.GetRequiredService<IOptionsFactory<HeadroomProxyOptions>>().Create(Options.DefaultName).ConnectTimeout));

        // After all other configuration of the client, so that these are the innermost handlers.
        services.PostConfigure<HttpClientFactoryOptions>(name, options => options.HttpMessageHandlerBuilderActions.Add(chain =>
        {
            chain.PrimaryHandler = Unguarded ?? chain.PrimaryHandler;
            chain.AdditionalHandlers.Add(new HeaderStrippingHandler());
            chain.AdditionalHandlers.Add(new Http2OrLowerHandler());
        }));
    }
}
