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

    internal AddressRuleSelector(IHostResolver resolver, TimeSpan connectTimeout)
    {
        _operator = Invoker(UpstreamTrust.Operator);
        _public = Invoker(UpstreamTrust.Public);

        HttpMessageInvoker Invoker(UpstreamTrust trust)
        {
            var handler = UpstreamHandlerFactory.Create(trust, resolver, connectTimeout);
            UpstreamHandlerFactory.Settle(handler);
            return new(new Http2OrLowerHandler { InnerHandler = handler });
        }
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

    private HttpMessageInvoker InvokerFor(HttpRequestMessage request) =>
        request.Options.TryGetValue(HeadroomRequestOptions.Target, out var target) && target.Trust == UpstreamTrust.Public ? _public : _operator;
}
