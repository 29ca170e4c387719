using Headroom.Routing.Providers;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Headroom.Routing.AspNetCore.Routing;

/// <summary>Which endpoints are mapped. They only bring requests here; where one goes, the resolver decides by the path itself.</summary>
internal static class RouteTable
{
    // After every endpoint of the host's, but before its fallback: what is tagged for an upstream is no page of the host's.
    private const int CatchAllOrder = int.MaxValue - 1;

    internal readonly record struct Template(string Pattern, int Order, HeadroomEndpointMetadata Metadata);

    internal static IEnumerable<Template> Templates(IEnumerable<Provider> providers, HeadroomProxyOptions options)
    {
        var patterns = providers
            .SelectMany(provider => provider.Routes)
            .Select(route => route.Template)
            .Distinct(StringComparer.OrdinalIgnoreCase);
        foreach (var pattern in patterns)
        {
            // A pattern that starts with a parameter fits paths which the resolver, looking closer, finds to be nobody's.
            yield return Create(pattern, 0, mayWithdraw: pattern.StartsWith("/{", StringComparison.Ordinal));
        }

        var mount = options.VerbatimMount.Trim('/');
        if (mount.Length > 0)
        {
            yield return Create($"/{mount}/{{**rest}}", 0, mayWithdraw: false);
        }

        yield return Create("/@{name}/{**rest}", 0, mayWithdraw: false);
        if (options.CatchAll)
        {
            yield return Create("/{**path}", CatchAllOrder, mayWithdraw: true);
        }
    }

    private static Template Create(string pattern, int order, bool mayWithdraw) =>
        new(pattern, order, new HeadroomEndpointMetadata(RoutePatternFactory.Parse(pattern).PathSegments.Count, mayWithdraw));
}
