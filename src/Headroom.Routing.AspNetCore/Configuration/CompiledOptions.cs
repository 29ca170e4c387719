namespace Headroom.Routing.AspNetCore.Configuration;

/// <summary>Valid options and the resolver that was compiled from them. Immutable: a request that began with one ends with it.</summary>
/// <param name="Options">The options; not handed out to the app, which could change them.</param>
/// <param name="Resolver">Decides where requests go.</param>
/// <param name="Callers">The groups that restrict callers; where there are none, nothing does.</param>
/// <param name="Tokens">Knows the callers' tokens for the gateway.</param>
internal sealed record CompiledOptions(
    HeadroomProxyOptions Options, UpstreamResolver Resolver, IReadOnlyList<CallerGroup> Callers, GatewayTokens Tokens);
