namespace Headroom.Routing;

/// <summary>How the path of a request and the base URL of its upstream were joined. The first rule that fits decides, in the order of the values.</summary>
public enum JoinRule
{
    /// <summary>They were not: the request was refused before.</summary>
    None,

    /// <summary>A login's path was put where ChatGPT has it.</summary>
    Login,

    /// <summary>Below the verbatim mount, the path follows the base URL as it was written.</summary>
    Verbatim,

    /// <summary>The path in <see cref="HeadroomHeaders.OriginalPath"/> took the place of the request's own.</summary>
    OriginalPath,

    /// <summary>The path repeats the base URL's whole path, which stands once.</summary>
    RepeatedPath,

    /// <summary>The base URL has no path, or one that ends in <c>/v1</c> or <c>/v1beta</c>, which was dropped; the path follows.</summary>
    Normalized,

    /// <summary>The base URL ends in the version that the path starts with; it stands once.</summary>
    SameVersion,

    /// <summary>The base URL holds a version of its own, which stands in place of the path's <c>/v1</c>.</summary>
    OwnVersion,

    /// <summary>The path follows the base URL's.</summary>
    Appended,
}
