namespace Headroom.Routing.Upstreams;

/// <summary>The one way in which paths are read: segment by segment, percent-decoded for judging only, without extra slashes in front.</summary>
internal static class PathSegments
{
    /// <summary>Removes the first segment from a path and returns it without its slash.</summary>
    /// <param name="path">Starts with a slash; what is left does too, or is empty.</param>
    internal static ReadOnlySpan<char> Take(scoped ref ReadOnlySpan<char> path)
    {
        var end = path[1..].IndexOf('/') + 1;
        var segment = end == 0 ? path[1..] : path[1..end];
        path = end == 0 ? [] : path[end..];
        return segment;
    }

    /// <summary>Decodes a segment as routing does. This is for judging; the path is sent as it came.</summary>
    internal static ReadOnlySpan<char> Decode(ReadOnlySpan<char> segment) => segment.Contains('%') ? Uri.UnescapeDataString(segment) : segment;

    /// <summary>
    /// Skips extra slashes in front of a path, for judging; the path is sent as it came. A client whose base URL ends in a slash sends them, and so does
    /// the WebSocket client of Gemini's Live API.
    /// </summary>
    internal static ReadOnlySpan<char> SkipExtraSlashes(ReadOnlySpan<char> path) =>
        path is ['/', '/', ..] ? path[(path.Length - path.TrimStart('/').Length - 1)..] : path;

    /// <summary>Whether a path equals another one or lies below it, compared by whole segments.</summary>
    internal static bool IsAtOrBelow(
        ReadOnlySpan<char> path, ReadOnlySpan<char> prefix, StringComparison comparison = StringComparison.Ordinal) =>
        path.StartsWith(prefix, comparison) && (path.Length == prefix.Length || path[prefix.Length] == '/');
}
