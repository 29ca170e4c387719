using System.Net;
using Headroom.Routing.Connections;

namespace Headroom.Routing.Handlers;

/// <summary>
/// The primary handler of a client whose requests may have been redirected. Requests to a public target are held to the public address rule and all others,
/// the developer's own among them, to the operator's. Each rule has its own connections.
/// </summary>
internal sealed class AddressRuleSelector : HttpMessageHandler
{
    private readonly HttpMessageInvoker _operator;
    private readonly HttpMessageInvoker _public;

    /// <exception cref="InvalidOperationException">The app's tuning loosened the guard.</exception>
    internal AddressRuleSelector(HeadroomClientOptions options, IHostResolver resolver)
    {
        _operator = Invoker(UpstreamTrust.Operator);
        _public = Invoker(UpstreamTrust.Public);

        HttpMessageInvoker Invoker(UpstreamTrust trust) => new(new Http2OrLowerHandler { InnerHandler = Create(options, trust, resolver) });
    }

    /// <summary>The proxy that requests to the operator's upstreams go through; <see langword="null"/> for none.</summary>
    internal static IWebProxy? EgressProxyOf(HeadroomClientOptions options)
    {
        using var handler = Create(options, UpstreamTrust.Operator, new DnsHostResolver());
        return handler.UseProxy ? handler.Proxy ?? EgressProxy.OfEnvironment : null;
    }

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        InvokerFor(request).Send(request, cancellationToken);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        InvokerFor(request).SendAsync(request, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _operator.Dispose();
            _public.Dispose();
        }

        base.Dispose(disposing);
    }

    private static SocketsHttpHandler Create(HeadroomClientOptions options, UpstreamTrust trust, IHostResolver resolver)
    {
        var handler = UpstreamHandlerFactory.Create(trust, resolver, options.ConnectTimeout);
        options.Configure(handler);

        // One callback tunes both handlers, and the proxy that it sets is for the operator's upstreams.
        handler.UseProxy &= trust == UpstreamTrust.Operator;
        UpstreamHandlerFactory.Settle(handler);
        return UpstreamHandlerFactory.IsGuarded(handler, trust)
            ? handler
            : throw new InvalidOperationException(
                $"{nameof(HeadroomClientOptions)}.{nameof(HeadroomClientOptions.ConfigureHandler)}() may tune the handlers, but not allow redirects, cookies or another connect callback.");
    }

    private HttpMessageInvoker InvokerFor(HttpRequestMessage request) =>
        request.Options.TryGetValue(HeadroomRequestOptions.Target, out var target) && target.Trust == UpstreamTrust.Public ? _public : _operator;
}
