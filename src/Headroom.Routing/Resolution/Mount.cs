namespace Headroom.Routing.Resolution;

/// <summary>How a path itself names the upstream, if it does.</summary>
internal enum Mount
{
    None,

    /// <summary>By the mount below which the header's URL is used as it stands.</summary>
    Verbatim,

    /// <summary>By a name in the path.</summary>
    Name,
}
