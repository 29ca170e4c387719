namespace Headroom.Routing.Upstreams;

/// <summary>The one way in which paths are read: segment by segment, percent-encoding undone for judging, extra slashes in front passed over.</summary>
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

    /// <summary>A segment as routing sees it. What is sent stays as it came.</summary>
    internal static ReadOnlySpan<char> Decode(ReadOnlySpan<char> segment) => segment.Contains('%') ? Uri.UnescapeDataString(segment) : segment;

    /// <summary>
    /// A path as it is judged: a client whose base URL ends in a slash puts one too many in front, and so does the WebSocket of Gemini's Live API.
    /// The path is sent as it came.
    /// </summary>
    internal static ReadOnlySpan<char> SkipExtraSlashes(ReadOnlySpan<char> path) =>
        path is ['/', '/', ..] ? path[(path.Length - path.TrimStart('/').Length - 1)..] : path;

    /// <summary>Whether a path is another one or lies below it, by whole segments.</summary>
    internal static bool IsAtOrBelow(
        ReadOnlySpan<char> path, ReadOnlySpan<char> prefix, StringComparison comparison = StringComparison.Ordinal) =>
        path.StartsWith(prefix, comparison) && (path.Length == prefix.Length || path[prefix.Length] == '/');
}
