using Headroom.Routing.Resolution;

namespace Headroom.Routing.AspNetCore.Routing;

/// <summary>Marks the proxy's endpoints.</summary>
/// <param name="Segments">How many segments of the endpoint's pattern are the proxy's own; those before are the gateway's prefix.</param>
/// <param name="Needs">What a request must have for the endpoint to take part; without it the request is left to the host.</param>
internal sealed record HeadroomEndpointMetadata(int Segments, RequestClaim Needs);
