using Headroom.Routing.AspNetCore.Forwarding;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore;

/// <summary>Shapes the proxy further; what <c>AddHeadroomProxy()</c> returns.</summary>
public sealed class HeadroomProxyBuilder
{
    internal HeadroomProxyBuilder(IServiceCollection services) => Services = services;

    /// <summary>The application's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>
    /// Configures the HTTP clients that requests are forwarded with: the one for the operator's upstreams and the one for those that
    /// callers choose. DelegatingHandlers that are added here run on every forwarded request and find what was decided about it in
    /// <see cref="HttpRequestMessage.Options"/>, under the keys of <see cref="HeadroomRequestOptions"/>.
    /// </summary>
    /// <remarks>
    /// The primary handlers may be tuned, not replaced: a client that lost its guard stops the app's start.
    /// A handler is shared by concurrent requests. It may read or replace a body only after <c>LoadIntoBufferAsync()</c>.
    /// </remarks>
    /// <param name="configure">Called for each of the clients.</param>
    public HeadroomProxyBuilder ConfigureHttpClients(Action<IHttpClientBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        foreach (var name in UpstreamClients.Names)
        {
            configure(Services.AddHttpClient(name));
        }

        return this;
    }

    /// <summary>Adds a provider: its routes are mapped, its base can be configured, its credentials decide shared paths.</summary>
    /// <param name="provider">The provider.</param>
    public HeadroomProxyBuilder AddProvider(Provider provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        Services.AddSingleton(provider);
        return this;
    }

    /// <summary>
    /// For tests of a gateway: sends every request to this handler instead of the network. Addresses are then no longer judged;
    /// everything else is.
    /// </summary>
    /// <param name="handler">Answers the requests.</param>
    public HeadroomProxyBuilder UseUnguardedPrimaryHandler(HttpMessageHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Services.AddSingleton(new UnguardedHandler(handler));
        return this;
    }
}
