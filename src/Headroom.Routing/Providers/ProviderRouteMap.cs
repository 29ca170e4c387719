using System.Collections.Frozen;
using Headroom.Routing.Upstreams;
using Microsoft.Extensions.Primitives;

namespace Headroom.Routing.Providers;

/// <summary>
/// The routes and credentials of all providers, compiled: tells whose request it is. A path that one provider alone owns decides;
/// on a shared or unknown path the credentials do; failing both, the first provider that serves the path.
/// </summary>
internal sealed class ProviderRouteMap
{
    private readonly FrozenDictionary<string, Entry[]>.AlternateLookup<ReadOnlySpan<char>> _byFirstSegment;
    private readonly Entry[] _others;
    private readonly (ProviderCredential Credential, Provider Provider)[] _credentials;

    /// <exception cref="FormatException">A route's template is not well-formed.</exception>
    internal ProviderRouteMap(IEnumerable<Provider> providers)
    {
        var entries = providers
            .SelectMany(provider => provider.Routes.Select(route => new Entry(provider, route, RouteTemplate.Parse(route))))
            .ToArray();

        // Routes that start with a parameter compete with those of every first segment. OrderBy is stable: the provider registered first goes first.
        _others = [.. entries.Where(entry => entry.Template.FirstLiteral is null).OrderByDescending(entry => entry.Template.Specificity)];
        _byFirstSegment = entries
            .Where(entry => entry.Template.FirstLiteral is not null)
            .GroupBy(entry => entry.Template.FirstLiteral!, StringComparer.OrdinalIgnoreCase)
            .ToFrozenDictionary(
                group => group.Key,
                group => group.Concat(_others).OrderByDescending(entry => entry.Template.Specificity).ToArray(),
                StringComparer.OrdinalIgnoreCase)
            .GetAlternateLookup<ReadOnlySpan<char>>();
        _credentials =
        [
            .. providers
                .SelectMany(provider => provider.Credentials.Select(credential => (credential, provider)))
                .OrderBy(pair => pair.credential.Order)
                .ThenByDescending(pair => pair.credential.ValuePrefix?.Length ?? 0),
        ];
    }

    /// <summary>Whose request it is, or <see langword="null"/> if no provider's.</summary>
    internal RouteMatch? Find(string method, ReadOnlySpan<char> path, IDictionary<string, StringValues> headers)
    {
        path = RouteTemplate.SkipExtraSlashes(path);
        var owner = FindRoute(method, path, headers);
        if (owner is { Route.Shared: false })
        {
            return new RouteMatch(owner.Provider, owner.Route, owner.Template);
        }

        return FindByCredential(headers) is { } provider ? new RouteMatch(provider, null, null)
            : owner is not null ? new RouteMatch(owner.Provider, owner.Route, owner.Template)
            : null;
    }

    private Entry? FindRoute(string method, ReadOnlySpan<char> path, IDictionary<string, StringValues> headers)
    {
        foreach (var entry in CandidatesFor(path))
        {
            if (entry.Template.Matches(method, path)
                && entry.Route.When?.IsPresent(headers) != false
                && entry.Route.Unless?.IsPresent(headers) != true)
            {
                return entry;
            }
        }

        return null;
    }

    private Entry[] CandidatesFor(ReadOnlySpan<char> path)
    {
        var first = path.IsEmpty ? path : PathSegments.Take(ref path);
        return _byFirstSegment.TryGetValue(RouteTemplate.Decode(first), out var entries) ? entries : _others;
    }

    private Provider? FindByCredential(IDictionary<string, StringValues> headers)
    {
        foreach (var (credential, provider) in _credentials)
        {
            if (credential.IsPresent(headers))
            {
                return provider;
            }
        }

        return null;
    }

    private sealed record Entry(Provider Provider, ProviderRoute Route, RouteTemplate Template);
}
