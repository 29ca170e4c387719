using Headroom.Routing.Resolution;

namespace Headroom.Routing.AspNetCore;

/// <summary>Marks the endpoints of <c>MapHeadroomRoutes()</c>, so that an app can tell them from its own.</summary>
public sealed class HeadroomEndpointMetadata
{
    internal HeadroomEndpointMetadata(int segments, Ownership needs = Ownership.None)
    {
        Segments = segments;
        Needs = needs;
    }

    /// <summary>How many segments of the endpoint's pattern are the proxy's own. Those before them are the gateway's prefix.</summary>
    internal int Segments { get; }

    /// <summary>What makes a request one for this endpoint. Other requests are left to the app.</summary>
    internal Ownership Needs { get; }
}
