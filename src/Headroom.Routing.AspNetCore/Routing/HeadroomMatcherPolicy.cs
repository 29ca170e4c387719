using Headroom.Routing.AspNetCore.Configuration;
using Headroom.Routing.Resolution;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;

namespace Headroom.Routing.AspNetCore.Routing;

/// <summary>
/// Keeps the host as it was without the proxy. An endpoint that fits more than providers' paths takes part only where the request is for
/// a provider, and of two endpoints with the same pattern the host's own wins.
/// </summary>
/// <remarks>
/// Decided while the path is matched, before methods are: a host's GET endpoint still answers a POST with 405, not with the catch-all's 404.
/// </remarks>
internal sealed class HeadroomMatcherPolicy(CurrentOptions state) : MatcherPolicy, IEndpointComparerPolicy, INodeBuilderPolicy, IEndpointSelectorPolicy
{
    /// <summary>Before the policy for methods, whose order is -1000.</summary>
    public override int Order => -2000;

    public IComparer<Endpoint> Comparer { get; } =
        Comparer<Endpoint>.Create((x, y) => IsOurs(x).CompareTo(IsOurs(y)));

    bool INodeBuilderPolicy.AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) =>
        !ContainsDynamicEndpoints(endpoints) && endpoints.Any(MayWithdraw);

    bool IEndpointSelectorPolicy.AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) =>
        ContainsDynamicEndpoints(endpoints) && endpoints.Any(MayWithdraw);

    public IReadOnlyList<PolicyNodeEdge> GetEdges(IReadOnlyList<Endpoint> endpoints)
    {
        var judged = endpoints.OfType<RouteEndpoint>().First(MayWithdraw);
        return
        [
            .. Enum.GetValues<Ownership>().Select(claim =>
                new PolicyNodeEdge(new Edge(claim, judged), [.. endpoints.Where(endpoint => NeedsOf(endpoint) <= claim)])),
        ];
    }

    public PolicyJumpTable BuildJumpTable(int exitDestination, IReadOnlyList<PolicyJumpTableEdge> edges)
    {
        var destinations = new int[edges.Count];
        foreach (var edge in edges)
        {
            destinations[(int)((Edge)edge.State).Claim] = edge.Destination;
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

    private static bool IsOurs(Endpoint endpoint) => endpoint.Metadata.GetMetadata<HeadroomEndpointMetadata>() is not null;

    private static bool MayWithdraw(Endpoint endpoint) => NeedsOf(endpoint) > Ownership.None;

    private static Ownership NeedsOf(Endpoint endpoint) => endpoint.Metadata.GetMetadata<HeadroomEndpointMetadata>()?.Needs ?? Ownership.None;

    private Ownership OwnershipOf(HttpContext context, RouteEndpoint endpoint) => IncomingPath.TryRead(context, endpoint, out var target)
        ? state.Current.Resolver.OwnershipOf(context.Request.Method, target, context.Request.Headers)
        : Ownership.None;

    private sealed record Edge(Ownership Claim, RouteEndpoint Judged);

    private sealed class JumpTable(HeadroomMatcherPolicy policy, RouteEndpoint judged, int[] destinations) : PolicyJumpTable
    {
        public override int GetDestination(HttpContext httpContext) => destinations[(int)policy.OwnershipOf(httpContext, judged)];
    }
}
