namespace Headroom.Routing.Providers;

/// <summary>The provider that a request is for, and the route that told, unless its credentials did.</summary>
internal readonly record struct RouteMatch(Provider Provider, ProviderRoute? Route, RouteTemplate? Template);
