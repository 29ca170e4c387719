namespace Headroom.Routing.Upstreams;

/// <summary>Walks a path segment by segment.</summary>
internal static class PathSegments
{
    /// <summary>Takes the first segment, without its slash, from a path.</summary>
    /// <param name="path">Starts with a slash; what is left does too, or is empty.</param>
    internal static ReadOnlySpan<char> Take(scoped ref ReadOnlySpan<char> path)
    {
        var end = path[1..].IndexOf('/') + 1;
        var segment = end == 0 ? path[1..] : path[1..end];
        path = end == 0 ? [] : path[end..];
        return segment;
    }
}
