using System.Net;
using Headroom.Routing.Handlers;
using Headroom.Routing.Policy;
using Headroom.Routing.Resolution;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>
/// The HTTP clients that requests are forwarded with. One for each address rule, so that a pooled connection never serves a request that its
/// rule would have refused, and of each one without TLS, for idle connections of that kind are kept for a shorter time. Each keeps its
/// handlers for the app's life: connections are what is recycled.
/// </summary>
internal sealed class UpstreamClients
{
    // In the order that For counts by.
    private static readonly Kind[] Kinds =
    [
        new("Headroom.Operator", UpstreamTrust.Operator, Cleartext: false),
        new("Headroom.Operator.Cleartext", UpstreamTrust.Operator, Cleartext: true),
        new("Headroom.Public", UpstreamTrust.Public, Cleartext: false),
        new("Headroom.Public.Cleartext", UpstreamTrust.Public, Cleartext: true),
    ];

    private readonly HttpMessageHandler?[] _handlers = new HttpMessageHandler?[Kinds.Length];
    private IWebProxy? _operatorProxy;

    internal static IEnumerable<string> Names => Kinds.Select(kind => kind.Name);

    /// <summary>What a test put in the place of the network.</summary>
    internal HttpMessageHandler? Unguarded { get; set; }

    /// <summary>The proxy that the operator's clients go through, from their handler or the environment.</summary>
    internal IWebProxy? OperatorProxy => Unguarded is null ? _operatorProxy : null;

    /// <summary>The client for a target. Costs a small object; the handlers behind it are kept.</summary>
    internal HttpMessageInvoker For(UpstreamTarget target)
    {
        var index = (target.Trust == UpstreamTrust.Operator ? 0 : 2) + (target.Uri.Scheme == Uri.UriSchemeHttp ? 1 : 0);
        return new(_handlers[index] ?? throw new InvalidOperationException("The clients are not built."), disposeHandler: false);
    }

    internal void Register(IServiceCollection services)
    {
        foreach (var kind in Kinds)
        {
            Register(services, kind);
        }
    }

    /// <summary>Builds the clients with all that the host configured.</summary>
    /// <exception cref="InvalidOperationException">A client lost its guard.</exception>
    internal void Build(IHttpMessageHandlerFactory factory)
    {
        for (var i = 0; i < Kinds.Length; i++)
        {
            var handler = _handlers[i] = factory.CreateHandler(Kinds[i].Name);
            if (Unguarded is null)
            {
                _operatorProxy = CheckGuard(handler, Kinds[i].Name, Kinds[i].Trust) ?? _operatorProxy;
            }
        }
    }

    // Looks at the finished chain, for a host may act on a client's handlers after every configuration of ours.
    private static IWebProxy? CheckGuard(HttpMessageHandler handler, string name, UpstreamTrust trust)
    {
        while (handler is DelegatingHandler { InnerHandler: { } inner })
        {
            handler = inner;
        }

        UpstreamHandlers.Settle(handler);
        return UpstreamHandlers.IsGuarded(handler, trust)
            ? handler is SocketsHttpHandler { UseProxy: true } sockets ? sockets.Proxy ?? EgressProxy.OfEnvironment : null
            : throw new InvalidOperationException(
                $"The HTTP client '{name}' lost its guard: ConfigureHttpClients() may tune its SocketsHttpHandler, but not replace it or allow redirects, cookies or another connect callback.");
    }

    private void Register(IServiceCollection services, Kind kind)
    {
        services.AddHttpClient(kind.Name)
            // What the host adds to all of its clients (retries, time-outs, logging of URLs) would break streams or tell secrets.
            // What it adds to these clients by ConfigureHttpClients comes later and stays.
            .ConfigureAdditionalHttpMessageHandlers(static (handlers, _) => handlers.Clear())
            .RemoveAllLoggers()
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(provider =>
            {
                var options = provider.GetRequiredService<IOptionsFactory<HeadroomProxyOptions>>().Create(Options.DefaultName);
                return UpstreamHandlers.Create(
                    kind.Trust,
                    provider.GetRequiredService<IHostResolver>(),
                    options.ConnectTimeout,
                    options.IdleConnectionTimeout ?? (kind.Cleartext ? UpstreamHandlers.DefaultIdleCleartextTimeout : null));
            });

        // After all other configuration of the client, so that these are the innermost handlers.
        services.PostConfigure<HttpClientFactoryOptions>(kind.Name, options => options.HttpMessageHandlerBuilderActions.Add(chain =>
        {
            chain.PrimaryHandler = Unguarded ?? chain.PrimaryHandler;
            chain.AdditionalHandlers.Add(new HeaderStrippingHandler());
            chain.AdditionalHandlers.Add(new Http2OrLowerHandler());
        }));
    }

    private sealed record Kind(string Name, UpstreamTrust Trust, bool Cleartext);
}
