namespace Headroom.Routing;

/// <summary>What told which provider's API a request calls.</summary>
public enum ProviderSource
{
    /// <summary>Nothing: no provider is known.</summary>
    None,

    /// <summary>The path: a route that one provider owns, or the first of several that share it.</summary>
    Path,

    /// <summary>The credentials, where the path alone does not tell.</summary>
    Credentials,

    /// <summary>A ChatGPT login, whatever the path.</summary>
    Login,
}
