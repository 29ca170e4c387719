using Microsoft.Extensions.Primitives;

namespace Headroom.Routing;

/// <summary>What a DelegatingHandler can read from <see cref="HttpRequestMessage.Options"/> of a request that this library routes.</summary>
public static class HeadroomRequestOptions
{
    /// <summary>
    /// Where the request goes, and who chose that. A handler that adds a secret must look here first: only
    /// <see cref="UpstreamChoice.Configured"/> targets were chosen by the operator.
    /// </summary>
    public static HttpRequestOptionsKey<UpstreamTarget> Target { get; } = new("Headroom.Target");

    /// <summary>The control headers (<c>x-headroom-*</c>) that the request came with; they are no longer among its headers.</summary>
    public static HttpRequestOptionsKey<IReadOnlyDictionary<string, StringValues>> ControlHeaders { get; } = new("Headroom.ControlHeaders");
}
