using Headroom.Routing.Policy;
using Headroom.Routing.Providers;

namespace Headroom.Routing.Resolution;

/// <summary>What options and providers were compiled to: everything that <see cref="UpstreamResolver"/> decides by.</summary>
internal sealed record RoutingRules(
    ProviderRouteMap Routes, ProviderBases Bases, OverrideReader Overrides, MountPaths Mounts, UpstreamPolicy Policy);
