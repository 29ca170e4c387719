using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Headroom.Routing.AspNetCore.Routing;

/// <summary>
/// Warns once, after the start, of endpoints of the app that take what the catch-all is for, or lose requests to a pattern of ours. Both are silent
/// otherwise, and an endpoint such as <c>{**catch-all}</c> of an app's own YARP does both.
/// </summary>
internal sealed partial class ShadowCheck(EndpointDataSource endpoints, ILogger<ShadowCheck> logger) : IHostedLifecycleService
{
    // That of MapFallback(). A fallback means to have what is left.
    private const int FallbackOrder = int.MaxValue;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // The app's endpoints are known once its pipeline is built, which is when the server starts.
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var routes = endpoints.Endpoints.OfType<RouteEndpoint>().Where(IsMatched).ToLookup(HeadroomMatcherPolicy.IsOurs);
        var conflicts = routes[false].SelectMany(own => Conflicts(own, routes[true])).ToArray();
        if (conflicts.Length > 0)
        {
            Log.RoutesOverlap(logger, string.Join(" ", conflicts));
        }

        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static bool IsMatched(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<ISuppressMatchingMetadata>() is not { SuppressMatching: true };

    private static IEnumerable<string> Conflicts(RouteEndpoint own, IEnumerable<RouteEndpoint> ours)
    {
        var name = $"{own.RoutePattern.RawText} ({own.DisplayName})";
        var met = ours.Where(other => MayMeet(own, other)).ToLookup(IsCatchAll);
        if (met[true].FirstOrDefault(other => !HeadroomMatcherPolicy.GoesBefore(other, own) && Covers(own.RoutePattern, other.RoutePattern)) is { } hidden)
        {
            yield return $"{name} comes before the catch-all {hidden.RoutePattern.RawText}.";
        }

        if (own.Order == FallbackOrder)
        {
            yield break;
        }

        // No path of an app's fits a segment such as 'v1internal:{action}' or '@{name}' by accident.
        var before = met[false]
            .Where(other => HeadroomMatcherPolicy.GoesBefore(other, own) && other.RoutePattern.PathSegments.All(segment => segment.IsSimple))
            .Select(other => other.RoutePattern)
            .Where(pattern => Covers(pattern, own.RoutePattern) || Covers(own.RoutePattern, pattern))
            .DistinctBy(pattern => pattern.RawText)
            .ToArray();
        if (before.Length > 0)
        {
            // A narrow pattern adds nothing to a wide one.
            var widest = before.Where(pattern => !before.Any(other => other != pattern && Covers(other, pattern)));
            yield return $"{name} comes after {string.Join(", ", widest.Select(pattern => pattern.RawText))}.";
        }
    }

    private static bool IsCatchAll(RouteEndpoint ours) => ours.Order == RouteTable.CatchAllOrder;

    // YARP's routes are often told apart by host.
    private static bool MayMeet(RouteEndpoint own, RouteEndpoint ours)
    {
        var hosts = HostsOf(own);
        var others = HostsOf(ours);
        return hosts.Length == 0 || others.Length == 0
            || hosts.Concat(others).Any(host => host.Contains('*', StringComparison.Ordinal))
            || hosts.Intersect(others, StringComparer.OrdinalIgnoreCase).Any();
    }

    private static string[] HostsOf(RouteEndpoint endpoint) =>
        [.. endpoint.Metadata.GetMetadata<IHostMetadata>()?.Hosts.Select(host => host.Split(':')[0]) ?? []];

    /// <summary>Whether every path that fits one pattern fits another. Where that is hard to tell, the answer is no.</summary>
    private static bool Covers(RoutePattern wide, RoutePattern narrow)
    {
        var count = narrow.PathSegments.Count;
        for (var i = 0; i < wide.PathSegments.Count; i++)
        {
            var segment = wide.PathSegments[i];
            if (ParameterOf(segment) is { } free && LiteralOf(wide, segment) is null)
            {
                if (wide.ParameterPolicies.ContainsKey(free.Name) || (i < count && !free.IsCatchAll && ParameterOf(narrow.PathSegments[i]) is { IsCatchAll: true }))
                {
                    return false;
                }

                if (free.IsCatchAll)
                {
                    return true;
                }

                if (i >= count && !free.IsOptional && free.Default is null)
                {
                    return false;
                }
            }
            else if (i >= count || LiteralOf(wide, segment) is not { } literal
                || !string.Equals(literal, LiteralOf(narrow, narrow.PathSegments[i]), StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }
        }

        return count <= wide.PathSegments.Count;
    }

    private static RoutePatternParameterPart? ParameterOf(RoutePatternPathSegment segment) => segment.IsSimple ? segment.Parts[0] as RoutePatternParameterPart : null;

    // MVC's conventional routes have a parameter for the controller and require one value of it.
    private static string? LiteralOf(RoutePattern pattern, RoutePatternPathSegment segment) => segment.IsSimple
        ? segment.Parts[0] switch
        {
            RoutePatternLiteralPart literal => literal.Content,
            RoutePatternParameterPart parameter when pattern.RequiredValues.TryGetValue(parameter.Name, out var value) && value is string { Length: > 0 } text => text,
            _ => null,
        }
        : null;

    private static partial class Log
    {
        [LoggerMessage(
            13, LogLevel.Warning,
            "Endpoints of this app and routes of Headroom fit the same paths: {Endpoints} What comes first has the request. Give one of them a prefix, a host or an order of its own if that is not meant.",
            EventName = "RoutesOverlap")]
        internal static partial void RoutesOverlap(ILogger logger, string endpoints);
    }
}
