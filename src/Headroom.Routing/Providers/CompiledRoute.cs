using Headroom.Routing.Upstreams;

namespace Headroom.Routing.Providers;

/// <summary>A provider's route, compiled for matching.</summary>
internal sealed class CompiledRoute
{
    private readonly string[] _methods;
    private readonly string[] _actions;
    private readonly ulong _when;
    private readonly ulong _unless;

    internal CompiledRoute(Provider provider, ProviderRoute route, RouteTemplate template, RequestHeaderReader headers)
    {
        Provider = provider;
        Route = route;
        Template = template;
        _methods = [.. route.Methods];
        _actions = [.. route.Actions];
        _when = headers.BitOf(route.When);
        _unless = headers.BitOf(route.Unless);

        // Of two equal templates, the one with a condition is tried first.
        Specificity = (template.Specificity * 2) + (_when == 0 && _unless == 0 ? 0 : 1);
    }

    internal Provider Provider { get; }

    internal ProviderRoute Route { get; }

    internal RouteTemplate Template { get; }

    /// <summary>The specificity: it grows with the number of literal segments.</summary>
    internal int Specificity { get; }

    internal bool Matches(in UpstreamRequest request, ReadOnlySpan<char> path) =>
        IsAmong(request.Method, _methods)
        && Template.Matches(path, out var action)
        && IsAmong(action, _actions)
        && (request.Headers.Credentials & _when) == _when
        && (request.Headers.Credentials & _unless) == 0;

    /// <summary>Changes a path that the route matches into the one that is joined to the base.</summary>
    internal ReadOnlySpan<char> Shape(ReadOnlySpan<char> path)
    {
        if (Route.DropFirstSegment && path.StartsWith('/'))
        {
            path = PathSegments.SkipExtraSlashes(path);
            _ = PathSegments.Take(ref path);
        }

        return Route.Prepend.Length > 0 ? string.Concat(Route.Prepend, PathSegments.SkipExtraSlashes(path)) : path;
    }

    private static bool IsAmong(ReadOnlySpan<char> value, string[] accepted)
    {
        foreach (var one in accepted)
        {
            if (value.Equals(one, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return accepted.Length == 0;
    }
}
