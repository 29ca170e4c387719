using System.Net;

namespace Headroom.Routing.Connections;

/// <summary>
/// Keeps requests off HTTP/3, which connects without asking <see cref="SocketsHttpHandler.ConnectCallback"/>.
/// A request for HTTP/3, exact or not, becomes one for HTTP/2.
/// </summary>
internal sealed class Http2OrLowerHandler : DelegatingHandler
{
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Cap(request);
        return base.Send(request, cancellationToken);
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Cap(request);
        return base.SendAsync(request, cancellationToken);
    }

    private static void Cap(HttpRequestMessage request)
    {
        if (request.VersionPolicy == HttpVersionPolicy.RequestVersionOrHigher)
        {
            // "2.0 or higher" may be HTTP/2 without TLS, which only an exact version asks for.
            request.VersionPolicy = request.Version >= HttpVersion.Version20
                ? HttpVersionPolicy.RequestVersionExact
                : HttpVersionPolicy.RequestVersionOrLower;
            request.Version = HttpVersion.Version20;
        }
        else if (request.Version > HttpVersion.Version20)
        {
            request.Version = HttpVersion.Version20;
        }
    }
}
