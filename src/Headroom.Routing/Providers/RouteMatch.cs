namespace Headroom.Routing.Providers;

/// <summary>The provider that a request is for, and how it was found.</summary>
/// <param name="Provider">The provider; <see langword="null"/> if the request is no provider's.</param>
/// <param name="Route">The provider's route; <see langword="null"/> if the credentials decided.</param>
/// <param name="Credential">The credential that decided; <see langword="null"/> if none did.</param>
/// <param name="IsByPath">Whether the path fits a route of any provider, even if the credentials then chose another one.</param>
/// <param name="Withheld">The route that the request does not get because it carries no key.</param>
internal readonly record struct RouteMatch(
    Provider? Provider, CompiledRoute? Route = null, ProviderCredential? Credential = null, bool IsByPath = false, CompiledRoute? Withheld = null);
