using Headroom.Routing.Providers;
using Headroom.Routing.Resolution;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Headroom.Routing.AspNetCore.Routing;

/// <summary>Lists the endpoints that are mapped. They only bring requests here; the resolver decides where each one goes.</summary>
internal static class RouteTable
{
    /// <summary>After all endpoints of the app but before its fallback, because a request with an override is not for one of the app's pages.</summary>
    internal const int CatchAllOrder = int.MaxValue - 1;

    internal readonly record struct Template(string Pattern, int Order, HeadroomEndpointMetadata Metadata);

    internal static IEnumerable<Template> Templates(IEnumerable<Provider> providers, HeadroomProxyOptions options)
    {
        // Grouped by shape, because routing does not tell patterns apart by the names of their parameters.
        var patterns = providers
            .Where(provider => options.IsEnabled(provider.Name))
            .SelectMany(provider => provider.Routes)
            .GroupBy(route => RouteTemplate.Parse(route.Template).Shape);
        foreach (var pattern in patterns)
        {
            // Such a pattern also fits paths of the app. The resolver looks closer and finds that no provider owns them.
            var fitsMore = pattern.Key.StartsWith("/{", StringComparison.Ordinal) || pattern.All(IsConditional);
            yield return Create(pattern.First().Template, 0, fitsMore ? Ownership.ByPath : Ownership.None);
        }

        var mount = options.VerbatimMount.Trim('/');
        if (mount.Length > 0)
        {
            yield return Create($"/{mount}/{{**rest}}", 0, Ownership.None);
        }

        yield return Create("/@{name}/{**rest}", 0, Ownership.None);
        if (options.CatchAll)
        {
            yield return Create("/{**path}", CatchAllOrder, Ownership.ByHeaders);
        }
    }

    private static bool IsConditional(ProviderRoute route) =>
        route.Methods.Count > 0 || route.Actions.Count > 0 || route.When is not null || route.Unless is not null || route.RequiresKey;

    private static Template Create(string pattern, int order, Ownership needs) =>
        new(pattern, order, new HeadroomEndpointMetadata(RoutePatternFactory.Parse(pattern).PathSegments.Count, needs));
}
