using Headroom.Routing.Upstreams;

namespace Headroom.Routing.Resolution;

/// <summary>Recognizes the paths that name their upstream themselves: those below the verbatim mount, and <c>/@name</c>.</summary>
/// <param name="verbatim">The segments of the verbatim mount; none if there is no such mount.</param>
internal sealed class MountPaths(string[] verbatim)
{
    /// <summary>Cuts a mount from the front of a path.</summary>
    /// <param name="request">The request; what is left of its path is what is meant at the upstream.</param>
    /// <param name="name">The name in the path, where it has one.</param>
    internal Mount Cut(ref UpstreamRequest request, out ReadOnlySpan<char> name)
    {
        name = [];
        var rest = PathSegments.SkipExtraSlashes(request.Path);
        if (!rest.StartsWith('/'))
        {
            return Mount.None;
        }

        var afterFirst = rest;
        var first = PathSegments.Decode(PathSegments.Take(ref afterFirst));
        if (first.StartsWith('@'))
        {
            name = first[1..];
            request.Path = afterFirst;
            return Mount.Name;
        }

        foreach (var expected in verbatim)
        {
            if (rest.IsEmpty || !PathSegments.Decode(PathSegments.Take(ref rest)).Equals(expected, StringComparison.OrdinalIgnoreCase))
            {
                return Mount.None;
            }
        }

        if (verbatim.Length == 0)
        {
            return Mount.None;
        }

        request.Path = rest;
        return Mount.Verbatim;
    }
}
