using Headroom.Routing.Providers;
using Headroom.Routing.Resolution;

namespace Headroom.Routing.AspNetCore.Routing;

/// <summary>Finds the endpoint of the proxy that a request would come to, for requests that are only asked about.</summary>
internal sealed class RouteFinder(IEnumerable<RouteTable.Template> routes)
{
    private readonly (RouteTemplate Template, RouteTable.Template Route)[] _routes =
        [.. routes.OrderBy(route => route.Order).Select(route => (RouteTemplate.Parse(route.Pattern), route))];

    /// <param name="path">A well-formed path as it comes on the wire, without the gateway's prefix.</param>
    /// <param name="ownership">What makes the request one for the proxy.</param>
    /// <returns>The endpoint; <see langword="null"/> if the request is left to the app.</returns>
    internal RouteTable.Template? Find(ReadOnlySpan<char> path, Ownership ownership)
    {
        // To routing, a slash at the end is no segment.
        var read = path is [_, .., '/'] ? path[..^1] : path;
        foreach (var (template, route) in _routes)
        {
            if (ownership >= route.Metadata.Needs && template.Matches(read, out _))
            {
                return route;
            }
        }

        return null;
    }
}
