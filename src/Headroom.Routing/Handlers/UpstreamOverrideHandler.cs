using Headroom.Routing.Policy;

namespace Headroom.Routing;

/// <summary>
/// Honors <c>X-Headroom-Upstream</c> or, where that is absent, an <see cref="UpstreamScope"/> on an outgoing request: rewrites its URL by the rules that the
/// proxy uses, then removes every control header. A request that names no upstream, and one authenticated by a ChatGPT login, goes where it was going.
/// </summary>
/// <remarks>
/// The handler only decides which URL is requested. The primary handler must make sure that a name does not resolve to an internal address.
/// <c>AddUpstreamOverride()</c> sets both up.
/// </remarks>
public sealed class UpstreamOverrideHandler : DelegatingHandler
{
    private readonly Func<UpstreamResolver> _resolver;

    /// <summary>Creates the handler.</summary>
    /// <param name="resolver">Decides where a request may go.</param>
    /// <exception cref="ArgumentNullException"><paramref name="resolver"/> is null.</exception>
    public UpstreamOverrideHandler(UpstreamResolver resolver)
    {
        ArgumentNullException.ThrowIfNull(resolver);
        _resolver = () => resolver;
    }

    internal UpstreamOverrideHandler(Func<UpstreamResolver> resolver) => _resolver = resolver;

    /// <inheritdoc/>
    /// <exception cref="UpstreamRefusedException">The upstream that the request names is refused; nothing was sent.</exception>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Redirect(request);
        return base.Send(request, cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="UpstreamRefusedException">The upstream that the request names is refused; nothing was sent.</exception>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Redirect(request);
        return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    private void Redirect(HttpRequestMessage request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.RequestUri is not { IsAbsoluteUri: true } uri)
        {
            throw new InvalidOperationException("The request has no absolute URL; set HttpClient.BaseAddress.");
        }

        var resolver = _resolver();
        var headers = resolver.Headers.Read(request.Headers.NonValidated, request.Content?.Headers.NonValidated);

        // A handler may send a request again, after it was redirected and lost its header.
        if (!headers.NamesUpstream && UpstreamScope.Current is { } upstream && !request.Options.TryGetValue(HeadroomRequestOptions.Target, out _))
        {
            headers.Upstream = upstream;
        }

        if (resolver.Redirect(request.Method.Method, uri.PathAndQuery, headers) is { } decision)
        {
            if (!decision.IsTarget(out var target, out var refusal))
            {
                throw new UpstreamRefusedException(refusal);
            }

            if (target.Key is { AllowCallers.Count: > 0 })
            {
                throw new UpstreamRefusedException(NotAllowed.Because("its key is bound by AllowCallers, and only a gateway knows callers").About(target.Origin));
            }

            request.RequestUri = target.Uri;
            request.Headers.Host = null;
            request.Options.Set(HeadroomRequestOptions.Target, target);
            if (target.Key is { } key)
            {
                key.SetOn(request);
            }
        }

        HeaderStrippingHandler.Strip(request);
    }
}
