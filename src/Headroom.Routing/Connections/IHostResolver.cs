using System.Net;
using System.Net.Sockets;
using Headroom.Routing.Connections;

namespace Headroom.Routing;

/// <summary>Resolves host names for <see cref="GuardedConnect"/>. Replace it to bring a DNS client of your own.</summary>
public interface IHostResolver
{
    /// <summary>Resolves a name to its addresses, in the order in which they should be tried.</summary>
    /// <param name="host">An ASCII (IDN) name, never an IP literal.</param>
    /// <param name="cancellationToken">Ends the wait; a result that comes later is not used.</param>
    /// <returns>The addresses. None means that the name does not exist.</returns>
    /// <exception cref="SocketException">The name could not be resolved.</exception>
    ValueTask<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken);
}
