using Headroom.Routing.AspNetCore.Forwarding;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Headroom.Routing.AspNetCore;

/// <summary>Configures the proxy further. <c>AddHeadroomProxy()</c> returns it.</summary>
public sealed class HeadroomProxyBuilder
{
    internal HeadroomProxyBuilder(IServiceCollection services) => Services = services;

    /// <summary>The app's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>
    /// Configures the HTTP clients that requests are forwarded with: those for the operator's upstreams and those for upstreams that callers choose, each with
    /// and without TLS. DelegatingHandlers that are added here run on every forwarded request. What was decided about a request is in its
    /// <see cref="HttpRequestMessage.Options"/>, under the keys of <see cref="HeadroomRequestOptions"/>.
    /// </summary>
    /// <remarks>
    /// The primary handlers may be tuned but not replaced: a client without its guard stops the app's start. A handler is shared by concurrent requests, so it
    /// must not keep state. It may read or replace a body only after <c>LoadIntoBufferAsync()</c>.
    /// </remarks>
    /// <param name="configure">Called once for each of the clients.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="configure"/> is null.</exception>
    public HeadroomProxyBuilder ConfigureHttpClients(Action<IHttpClientBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        foreach (var name in UpstreamClients.Names)
        {
            configure(Services.AddHttpClient(name));
        }

        return this;
    }

    /// <summary>Adds a provider: its routes are mapped, its base address can be configured, and its credentials decide on shared paths.</summary>
    /// <param name="provider">The provider.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="provider"/> is null.</exception>
    public HeadroomProxyBuilder AddProvider(Provider provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        Services.AddSingleton(provider);
        return this;
    }

    /// <summary>
    /// Gives the errors that the app's own middleware answers on the proxy's endpoints (401, 403, 429, ...) a body in the client's dialect, so that the client's SDK
    /// shows what is wrong. Only errors without a body get one, and no answer of an upstream does. Other headers of the answer stay, such as
    /// <c>WWW-Authenticate</c> and <c>Retry-After</c>.
    /// </summary>
    /// <returns>The same builder.</returns>
    public HeadroomProxyBuilder UseHeadroomErrors()
    {
        Services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, AppErrors>());
        return this;
    }

    /// <summary>
    /// Sends every request to a handler instead of the network, for tests of a gateway. Addresses are then no longer judged; everything else still is.
    /// </summary>
    /// <param name="handler">Answers the requests.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="handler"/> is null.</exception>
    public HeadroomProxyBuilder UseUnguardedPrimaryHandler(HttpMessageHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Services.AddSingleton(new UnguardedHandler(handler));
        return this;
    }
}
