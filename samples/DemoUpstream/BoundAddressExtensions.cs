using System.Net;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Reads where an app listens.</summary>
public static class BoundAddressExtensions
{
    /// <summary>The first address a started app listens on, as a client on this machine can dial it.</summary>
    public static Uri GetBoundAddress(this WebApplication app)
    {
        var bound = new UriBuilder(app.Urls.First());

        if (IPAddress.TryParse(bound.Host, out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)))
        {
            bound.Host = ip.Equals(IPAddress.Any) ? "127.0.0.1" : "[::1]";
        }

        return bound.Uri;
    }
}
