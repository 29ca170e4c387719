using Headroom.Routing.Providers;
using Headroom.Routing.Upstreams;

namespace Headroom.Routing.Resolution;

/// <summary>Tells the paths that name their upstream outright: below the verbatim mount, and <c>/@name</c>.</summary>
/// <param name="verbatim">The segments of the verbatim mount; none if there is no such mount.</param>
internal sealed class MountPaths(string[] verbatim)
{
    /// <summary>Cuts a mount from the front of a target.</summary>
    /// <param name="request">The target; what is left of it is the path that is meant at the upstream.</param>
    /// <param name="name">The name in the path, where it has one.</param>
    internal Mount Cut(ref PathAndQuery request, out string name)
    {
        name = "";
        var segment = RouteTemplate.Decode(request.FirstSegment);
        if (segment.StartsWith('@'))
        {
            name = segment[1..].ToString();
            request = request.SkipSegment();
            return Mount.Name;
        }

        var rest = request;
        foreach (var expected in verbatim)
        {
            if (!RouteTemplate.Decode(rest.FirstSegment).Equals(expected, StringComparison.OrdinalIgnoreCase))
            {
                return Mount.None;
            }

            rest = rest.SkipSegment();
        }

        request = rest;
        return verbatim.Length > 0 ? Mount.Verbatim : Mount.None;
    }
}
