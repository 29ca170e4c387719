using Headroom.Routing.AspNetCore.Configuration;
using Headroom.Routing.Resolution;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;

namespace Headroom.Routing.AspNetCore.Routing;

/// <summary>
/// Keeps the app working as it did without the proxy. An endpoint that fits more than providers' paths takes part only in requests for a provider, and of
/// two endpoints with the same pattern the app's own wins. Of those that fit a request it leaves routing as few as it can: routing makes route values for each.
/// </summary>
/// <remarks>
/// This is decided before methods are matched, so an app's GET endpoint still answers a POST with 405.
/// </remarks>
internal sealed class HeadroomMatcherPolicy(CurrentOptions options) : MatcherPolicy, IEndpointComparerPolicy, INodeBuilderPolicy, IEndpointSelectorPolicy
{
    private static readonly int Ownerships = Enum.GetValues<Ownership>().Length;

    /// <summary>Before the policy for methods, whose order is -1000.</summary>
    public override int Order => -2000;

    public IComparer<Endpoint> Comparer { get; } =
        Comparer<Endpoint>.Create((x, y) => IsOurs(x).CompareTo(IsOurs(y)));

    bool INodeBuilderPolicy.AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) =>
        !ContainsDynamicEndpoints(endpoints) && (WithdrawalMatters(endpoints) || endpoints.Any(endpoint => IsNeverReached(endpoint, endpoints)));

    bool IEndpointSelectorPolicy.AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) =>
        ContainsDynamicEndpoints(endpoints) && WithdrawalMatters(endpoints);

    // What a request's path is depends on how much of it is the gateway's prefix, so there is an edge for each combination of what it is below each prefix.
    public IReadOnlyList<PolicyNodeEdge> GetEdges(IReadOnlyList<Endpoint> endpoints)
    {
        RouteEndpoint[] judged = WithdrawalMatters(endpoints) ? [.. endpoints.OfType<RouteEndpoint>().Where(MayWithdraw).DistinctBy(IncomingPath.PrefixLength)] : [];
        var combinations = Enumerable.Range(0, (int)Math.Pow(Ownerships, judged.Length));
        return
        [
            .. combinations.Select(combination => new PolicyNodeEdge(
                new Edge(combination, judged), Reached([.. endpoints.Where(endpoint => TakesPart(endpoint, combination, judged))]))),
        ];
    }

    public PolicyJumpTable BuildJumpTable(int exitDestination, IReadOnlyList<PolicyJumpTableEdge> edges)
    {
        var destinations = new int[edges.Count];
        foreach (var edge in edges)
        {
            destinations[((Edge)edge.State).Combination] = edge.Destination;
        }

        return new JumpTable(this, ((Edge)edges[0].State).Judged, destinations);
    }

    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        for (var i = 0; i < candidates.Count; i++)
        {
            if (candidates.IsValidCandidate(i)
                && candidates[i].Endpoint is RouteEndpoint endpoint
                && MayWithdraw(endpoint)
                && OwnershipOf(httpContext, endpoint) < NeedsOf(endpoint))
            {
                candidates.SetValidity(i, false);
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>Whether an endpoint is one of <c>MapHeadroomRoutes()</c>.</summary>
    internal static bool IsOurs(Endpoint endpoint) => endpoint.Metadata.GetMetadata<HeadroomEndpointMetadata>() is not null;

    /// <summary>Whether an endpoint takes part only in requests for a provider, so that these are decided about while they are matched.</summary>
    private static bool MayWithdraw(Endpoint endpoint) => NeedsOf(endpoint) > Ownership.None;

    // It does not matter where a route that never withdraws precedes all that may. The request then need not be looked at twice.
    private static bool WithdrawalMatters(IReadOnlyList<Endpoint> endpoints)
    {
        var routes = endpoints.OfType<RouteEndpoint>().ToArray();
        var withdrawing = routes.Where(MayWithdraw).ToArray();
        return withdrawing.Length > 0
            && !routes.Any(route => IsOurs(route) && !MayWithdraw(route) && IsCertain(route) && withdrawing.All(other => GoesBefore(route, other)));
    }

    // Routing looks at segments of several parts ('@{name}') only after the policies ran.
    private static bool IsCertain(RouteEndpoint route) =>
        route.RoutePattern.ParameterPolicies.Count == 0 && route.RoutePattern.PathSegments.All(segment => segment.IsSimple);

    /// <summary>Whether routing tries one endpoint first where both fit. Of two that are equal in that, the app's own goes before ours.</summary>
    internal static bool GoesBefore(RouteEndpoint route, RouteEndpoint other) =>
        (route.Order, route.RoutePattern.InboundPrecedence).CompareTo((other.Order, other.RoutePattern.InboundPrecedence)) < 0;

    private static Endpoint[] Reached(Endpoint[] endpoints) => [.. endpoints.Where(endpoint => !IsNeverReached(endpoint, endpoints))];

    // Another of ours goes before it and fits whatever it fits.
    private static bool IsNeverReached(Endpoint endpoint, IReadOnlyList<Endpoint> endpoints) =>
        endpoint is RouteEndpoint route && IsOurs(route)
        && endpoints.OfType<RouteEndpoint>().Any(other => IsOurs(other) && IsCertain(other) && GoesBefore(other, route) && AreAlike(other, route));

    // Policies of the app's tell endpoints apart by what they find in their metadata.
    private static bool AreAlike(RouteEndpoint route, RouteEndpoint other) => Conventions(route).SequenceEqual(Conventions(other));

    private static IEnumerable<object> Conventions(RouteEndpoint route) =>
        route.Metadata.Where(item => item is not (HeadroomEndpointMetadata or IRouteDiagnosticsMetadata));

    private static Ownership NeedsOf(Endpoint endpoint) => endpoint.Metadata.GetMetadata<HeadroomEndpointMetadata>()?.Needs ?? Ownership.None;

    private Ownership OwnershipOf(HttpContext context, RouteEndpoint endpoint) =>
        RequestDecision.DecideAndKeep(context, endpoint, options.Current.Resolver).Ownership;

    private static bool TakesPart(Endpoint endpoint, int combination, RouteEndpoint[] judged)
    {
        if (judged.Length == 0 || !MayWithdraw(endpoint))
        {
            return true;
        }

        var prefix = IncomingPath.PrefixLength((RouteEndpoint)endpoint);
        var place = Array.FindIndex(judged, other => IncomingPath.PrefixLength(other) == prefix);
        return (int)NeedsOf(endpoint) <= combination / (int)Math.Pow(Ownerships, place) % Ownerships;
    }

    /// <param name="Combination">An <see cref="Ownership"/> for each judged endpoint, as the digits of a number.</param>
    /// <param name="Judged">An endpoint for each prefix.</param>
    private sealed record Edge(int Combination, RouteEndpoint[] Judged);

    private sealed class JumpTable(HeadroomMatcherPolicy policy, RouteEndpoint[] judged, int[] destinations) : PolicyJumpTable
    {
        public override int GetDestination(HttpContext httpContext)
        {
            var combination = 0;
            for (var i = judged.Length - 1; i >= 0; i--)
            {
                combination = (combination * Ownerships) + (int)policy.OwnershipOf(httpContext, judged[i]);
            }

            return destinations[combination];
        }
    }
}
