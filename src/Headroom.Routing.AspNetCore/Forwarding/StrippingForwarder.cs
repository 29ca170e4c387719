using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>
/// YARP's forwarder as the app's own routes use it, except that no control header leaves. It strips after the last transform, so it does not matter which
/// transforms the app has, in which order they were added, and which headers they copy.
/// </summary>
internal sealed class StrippingForwarder(IHttpForwarder forwarder) : IHttpForwarder
{
    public ValueTask<ForwarderError> SendAsync(
        HttpContext context, string destinationPrefix, HttpMessageInvoker httpClient, ForwarderRequestConfig requestConfig, HttpTransformer transformer) =>
        SendAsync(context, destinationPrefix, httpClient, requestConfig, transformer, CancellationToken.None);

    public ValueTask<ForwarderError> SendAsync(
        HttpContext context, string destinationPrefix, HttpMessageInvoker httpClient, ForwarderRequestConfig requestConfig, HttpTransformer transformer,
        CancellationToken cancellationToken) =>
        forwarder.SendAsync(context, destinationPrefix, httpClient, requestConfig, new Transformer(transformer), cancellationToken);

    private sealed class Transformer(HttpTransformer transformer) : HttpTransformer
    {
        public override async ValueTask TransformRequestAsync(
            HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await transformer.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            HeaderStrippingHandler.Strip(proxyRequest);
        }

        public override ValueTask<bool> TransformResponseAsync(
            HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken) =>
            transformer.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);

        public override ValueTask TransformResponseTrailersAsync(
            HttpContext httpContext, HttpResponseMessage proxyResponse, CancellationToken cancellationToken) =>
            transformer.TransformResponseTrailersAsync(httpContext, proxyResponse, cancellationToken);
    }
}
