using System.Net;

namespace Headroom.Routing.Connections;

/// <summary>
/// The proxy of the environment (<c>HTTP_PROXY</c>, <c>HTTPS_PROXY</c>, <c>NO_PROXY</c>), except for loopback addresses: a proxy elsewhere
/// would take them for its own machine.
/// </summary>
internal sealed class EgressProxy : IWebProxy
{
    internal static readonly EgressProxy OfEnvironment = new();

    private EgressProxy()
    {
    }

    public ICredentials? Credentials
    {
        get => HttpClient.DefaultProxy.Credentials;
        set => throw new NotSupportedException("The proxy of the environment is not ours to change.");
    }

    public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : HttpClient.DefaultProxy.GetProxy(destination);

    public bool IsBypassed(Uri host)
    {
        ArgumentNullException.ThrowIfNull(host);
        return host.IsLoopback || HttpClient.DefaultProxy.IsBypassed(host);
    }
}
