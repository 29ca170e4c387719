namespace Headroom.Routing.AspNetCore.Routing;

/// <summary>Marks the proxy's endpoints.</summary>
/// <param name="Segments">How many segments of the endpoint's pattern are the proxy's own; those before are the gateway's prefix.</param>
/// <param name="MayWithdraw">Whether the endpoint leaves requests to the host that, looked at closer, are for no provider.</param>
internal sealed record HeadroomEndpointMetadata(int Segments, bool MayWithdraw);
