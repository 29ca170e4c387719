using System.Net;

namespace Headroom.Routing.AspNetCore.Configuration;

/// <summary>Provides the proxy that outgoing requests go through.</summary>
internal interface IEgressProxySource
{
    /// <summary>The proxy of the client for the operator's upstreams, from its handler or the environment; <see langword="null"/> for none.</summary>
    /// <exception cref="InvalidOperationException">An HTTP client lost its guard.</exception>
    IWebProxy? Proxy { get; }
}
