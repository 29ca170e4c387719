using Headroom.Routing.Resolution;

namespace Headroom.Routing.AspNetCore;

/// <summary>Marks the endpoints of <c>MapHeadroomRoutes()</c>, so that a host can tell them from its own.</summary>
public sealed class HeadroomEndpointMetadata
{
    internal HeadroomEndpointMetadata(int segments, Ownership needs = Ownership.None)
    {
        Segments = segments;
        Needs = needs;
    }

    /// <summary>How many segments of the endpoint's pattern are the proxy's own; those before are the gateway's prefix.</summary>
    internal int Segments { get; }

    /// <summary>What a request must have for the endpoint to take part; without it the request is left to the host.</summary>
    internal Ownership Needs { get; }
}
