using System.Net;

namespace Headroom.HostApp;

internal static class BoundAddress
{
    /// <summary>The first address a started app listens on, as a client on this machine can dial it.</summary>
    public static Uri Of(WebApplication app)
    {
        var bound = new UriBuilder(app.Urls.First());

        if (IPAddress.TryParse(bound.Host, out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)))
        {
            bound.Host = ip.Equals(IPAddress.Any) ? "127.0.0.1" : "[::1]";
        }

        return bound.Uri;
    }

    /// <summary>As a person would type it: no trailing slash.</summary>
    public static string Typed(this Uri address) => address.GetLeftPart(UriPartial.Authority);
}
