using Headroom.Routing.Upstreams;

namespace Headroom.Routing.Handlers;

/// <summary>
/// Sets the operator's key of a request's target, after all handlers of the app, which may have changed where the request goes. What counts is the URL as
/// it leaves: the key goes nowhere but to the base that it is configured for.
/// </summary>
internal sealed class OperatorKeyHandler : DelegatingHandler
{
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (FindKey(request) is not { } key)
        {
            return base.Send(request, cancellationToken);
        }

        key.SetOn(request);
        try
        {
            return base.Send(request, cancellationToken);
        }
        finally
        {
            key.RemoveFrom(request);
        }
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        FindKey(request) is { } key ? SendAsync(request, key, cancellationToken) : base.SendAsync(request, cancellationToken);

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, OperatorKey key, CancellationToken cancellationToken)
    {
        key.SetOn(request);
        try
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            key.RemoveFrom(request);
        }
    }

    private static OperatorKey? FindKey(HttpRequestMessage request) =>
        request is not KeylessRequest
        && request.Options.TryGetValue(HeadroomRequestOptions.Target, out var target)
        && request.RequestUri is { IsAbsoluteUri: true } uri
            ? target.KeyFor(uri)
            : null;
}
