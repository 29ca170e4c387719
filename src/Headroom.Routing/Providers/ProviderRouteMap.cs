using System.Collections.Frozen;
using Headroom.Routing.Upstreams;

namespace Headroom.Routing.Providers;

/// <summary>
/// Finds the provider that a request is for, by the compiled routes and credentials of all providers. A path that only one provider owns decides. On a
/// shared or unknown path the credentials decide and, if they do not, the first provider that serves the path.
/// </summary>
internal sealed class ProviderRouteMap
{
    private readonly FrozenDictionary<string, CompiledRoute[]>.AlternateLookup<ReadOnlySpan<char>> _byFirstSegment;
    private readonly CompiledRoute[] _others;
    private readonly (ulong Bit, RouteMatch Match)[] _credentials;

    /// <param name="providers">All providers.</param>
    /// <param name="switchedOff">
    /// Those that the operator switched off. Paths and credentials of theirs alone are still known for that, or their keys would go to another provider.
    /// </param>
    /// <exception cref="FormatException">A route's template is not well-formed.</exception>
    internal ProviderRouteMap(IReadOnlyCollection<Provider> providers, IReadOnlySet<Provider> switchedOff)
    {
        Headers = new RequestHeaderReader(
        [
            .. providers.SelectMany(provider => provider.Credentials).Select(credential => (credential, credential.IsKey)),
            .. Conditions(providers).Select(credential => (credential, false)),
        ]);
        var routes = providers
            .SelectMany(provider => provider.Routes
                .Where(route => !route.Shared || !switchedOff.Contains(provider))
                .Select(route => new CompiledRoute(provider, route, RouteTemplate.Parse(route.Template), Headers)))
            .ToArray();

        // Routes that start with a parameter compete with those of every first segment. OrderBy is stable: the provider registered first goes first.
        _others = [.. routes.Where(route => route.Template.FirstLiteral is null).OrderByDescending(route => route.Specificity)];
        _byFirstSegment = routes
            .Where(route => route.Template.FirstLiteral is not null)
            .GroupBy(route => route.Template.FirstLiteral!, StringComparer.OrdinalIgnoreCase)
            .ToFrozenDictionary(
                group => group.Key,
                group => group.Concat(_others).OrderByDescending(route => route.Specificity).ToArray(),
                StringComparer.OrdinalIgnoreCase)
            .GetAlternateLookup<ReadOnlySpan<char>>();
        _credentials =
        [
            .. providers
                .SelectMany(provider => provider.Credentials.Select(credential => (credential, provider)))
                .OrderBy(pair => pair.credential.Order)
                .ThenByDescending(pair => pair.credential.ValuePrefix?.Length ?? 0)
                .Select(pair => (Headers.BitOf(pair.credential), new RouteMatch(pair.provider, Credential: pair.credential))),
        ];
    }

    /// <summary>Reads the headers that the routes and credentials ask for.</summary>
    internal RequestHeaderReader Headers { get; }

    /// <summary>All credentials that providers and their routes ask for.</summary>
    internal static IEnumerable<ProviderCredential> CredentialsOf(IReadOnlyCollection<Provider> providers) =>
        providers.SelectMany(provider => provider.Credentials).Concat(Conditions(providers));

    /// <summary>Finds the provider that a request is for.</summary>
    /// <param name="request">The request.</param>
    /// <param name="isLogin">Whether it is authenticated by a subscription login, whose token goes to chatgpt.com on every path.</param>
    internal RouteMatch Find(in UpstreamRequest request, bool isLogin)
    {
        var route = FindRoute(request);
        if (route is { Route.Shared: false })
        {
            return new RouteMatch(route.Provider, route, IsByPath: true);
        }

        if (route is { Route.RequiresKey: true } && !isLogin && !request.Headers.IsMeantForProvider)
        {
            return new RouteMatch(null, Withheld: route);
        }

        return FindByCredential(request.Headers.Credentials) is { } match ? match with { IsByPath = route is not null }
            : route is not null ? new RouteMatch(route.Provider, route, IsByPath: true)
            : default;
    }

    /// <summary>The provider that has a route for a path or below it, whatever its conditions; <see langword="null"/> if none has.</summary>
    internal Provider? OwnerOf(ReadOnlySpan<char> path)
    {
        foreach (var route in CandidatesFor(path))
        {
            if (route.Template.Overlaps(path))
            {
                return route.Provider;
            }
        }

        return null;
    }

    private CompiledRoute? FindRoute(in UpstreamRequest request)
    {
        var path = PathSegments.SkipExtraSlashes(request.Path);
        foreach (var route in CandidatesFor(path))
        {
            if (route.Matches(request, path))
            {
                return route;
            }
        }

        return null;
    }

    private CompiledRoute[] CandidatesFor(ReadOnlySpan<char> path)
    {
        var first = path.StartsWith('/') ? PathSegments.Take(ref path) : [];
        return _byFirstSegment.TryGetValue(PathSegments.Decode(first), out var routes) ? routes : _others;
    }

    private RouteMatch? FindByCredential(ulong present)
    {
        foreach (var (bit, match) in _credentials)
        {
            if ((present & bit) != 0)
            {
                return match;
            }
        }

        return null;
    }

    private static IEnumerable<ProviderCredential> Conditions(IReadOnlyCollection<Provider> providers) => providers
        .SelectMany(provider => provider.Routes)
        .SelectMany(route => (ProviderCredential?[])[route.When, route.Unless])
        .OfType<ProviderCredential>();
}
