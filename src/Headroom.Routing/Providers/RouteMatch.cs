namespace Headroom.Routing.Providers;

/// <summary>Whose request it is, and what told.</summary>
/// <param name="Provider">The provider; <see langword="null"/> if the request is no provider's.</param>
/// <param name="Route">The provider's route, unless its credentials told.</param>
/// <param name="IsByPath">Whether the path is one of a provider's, whichever provider the credentials then told.</param>
internal readonly record struct RouteMatch(Provider? Provider, CompiledRoute? Route, bool IsByPath);
