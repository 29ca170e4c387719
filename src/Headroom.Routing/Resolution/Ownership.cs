namespace Headroom.Routing.Resolution;

/// <summary>What tells that a request is for this library at all; each value holds more than the one before.</summary>
internal enum Ownership
{
    /// <summary>Nothing: a path that nobody owns is left to the host.</summary>
    None,

    /// <summary>Its headers: an override, a login, or the credentials of a provider.</summary>
    ByHeaders,

    /// <summary>Its path: a provider's route fits, with all of the route's conditions.</summary>
    ByPath,
}
