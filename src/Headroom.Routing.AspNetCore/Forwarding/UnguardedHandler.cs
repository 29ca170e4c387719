namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>What a gateway's own test put in the place of the network.</summary>
/// <param name="Handler">Answers the requests.</param>
internal sealed record UnguardedHandler(HttpMessageHandler Handler);
