using Headroom.Routing;

namespace System.Net.Http;

/// <summary>Extends requests of any <see cref="HttpClient"/>.</summary>
public static class HeadroomHttpRequestMessageExtensions
{
    /// <summary>
    /// Names the upstream of a request, in the header <c>X-Headroom-Upstream</c>. A gateway honors it, and so does a client with <c>AddUpstreamOverride()</c>.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="upstream">A name or a URL. It takes the place of one that the request has already.</param>
    /// <exception cref="ArgumentNullException"><paramref name="request"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="upstream"/> is null, empty or white space: that would stand for no upstream.</exception>
    /// <exception cref="FormatException"><paramref name="upstream"/> can't stand in a header, because it has a line break.</exception>
    public static void SetUpstream(this HttpRequestMessage request, string upstream)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentException.ThrowIfNullOrWhiteSpace(upstream);
        request.Headers.Remove(HeadroomHeaders.Upstream);
        request.Headers.Add(HeadroomHeaders.Upstream, upstream);
    }
}
