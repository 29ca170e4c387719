namespace Headroom.Routing.Resolution;

/// <summary>What makes a request one for this library at all. Each value is stronger than the one before.</summary>
internal enum Ownership
{
    /// <summary>Nothing: the request is left to the app.</summary>
    None,

    /// <summary>Its headers: an override, a login, or the credentials of a provider.</summary>
    ByHeaders,

    /// <summary>Its path: a mount, or a provider's route that fits with all of its conditions.</summary>
    ByPath,
}
