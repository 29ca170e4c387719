using System.Net;
using System.Net.Sockets;

namespace Headroom.Routing.Connections;

/// <summary>Resolves names as the operating system does: hosts file, search list, DNS.</summary>
internal sealed class DnsHostResolver : IHostResolver
{
    public async ValueTask<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
        }
        catch (ArgumentException)
        {
            // Uri accepts names that are longer than DNS allows (RFC 1035, 2.3.4).
            throw new SocketException((int)SocketError.HostNotFound);
        }
    }
}
