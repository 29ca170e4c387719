using Headroom.Routing.AspNetCore.Forwarding;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;

namespace Headroom.Routing.AspNetCore.Routing;

/// <summary>
/// Keeps the host as it was without the proxy. An endpoint that fits any path takes part only where the request is for a provider,
/// and of two endpoints with the same pattern the host's own wins.
/// </summary>
/// <remarks>
/// Decided while the path is matched, before methods are: a host's GET endpoint still answers a POST with 405, not with the catch-all's 404.
/// </remarks>
internal sealed class HeadroomMatcherPolicy(ProxyState state) : MatcherPolicy, IEndpointComparerPolicy, INodeBuilderPolicy, IEndpointSelectorPolicy
{
    /// <summary>Before the policy for methods, whose order is -1000.</summary>
    public override int Order => -2000;

    public IComparer<Endpoint> Comparer { get; } =
        Comparer<Endpoint>.Create((x, y) => IsOurs(x).CompareTo(IsOurs(y)));

    bool INodeBuilderPolicy.AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) =>
        !ContainsDynamicEndpoints(endpoints) && endpoints.Any(MayWithdraw);

    bool IEndpointSelectorPolicy.AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) =>
        ContainsDynamicEndpoints(endpoints) && endpoints.Any(MayWithdraw);

    public IReadOnlyList<PolicyNodeEdge> GetEdges(IReadOnlyList<Endpoint> endpoints) =>
    [
        new PolicyNodeEdge(endpoints.OfType<RouteEndpoint>().First(MayWithdraw), endpoints),
        new PolicyNodeEdge(Withdrawn, [.. endpoints.Where(endpoint => !MayWithdraw(endpoint))]),
    ];

    public PolicyJumpTable BuildJumpTable(int exitDestination, IReadOnlyList<PolicyJumpTableEdge> edges)
    {
        var claimed = edges.First(edge => edge.State is RouteEndpoint);
        var withdrawn = edges.First(edge => edge.State == Withdrawn);
        return new JumpTable(this, (RouteEndpoint)claimed.State, claimed.Destination, withdrawn.Destination);
    }

    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        for (var i = 0; i < candidates.Count; i++)
        {
            if (candidates.IsValidCandidate(i)
                && candidates[i].Endpoint is RouteEndpoint endpoint
                && MayWithdraw(endpoint)
                && !IsClaimed(httpContext, endpoint))
            {
                candidates.SetValidity(i, false);
            }
        }

        return Task.CompletedTask;
    }

    private static readonly object Withdrawn = new();

    private static bool IsOurs(Endpoint endpoint) => endpoint.Metadata.GetMetadata<HeadroomEndpointMetadata>() is not null;

    private static bool MayWithdraw(Endpoint endpoint) => endpoint.Metadata.GetMetadata<HeadroomEndpointMetadata>() is { MayWithdraw: true };

    private bool IsClaimed(HttpContext context, RouteEndpoint endpoint) =>
        IncomingTarget.TryRead(context, endpoint, out var target)
        && state.Current.Resolver.Claims(context.Request.Method, target, context.Request.Headers);

    private sealed class JumpTable(HeadroomMatcherPolicy policy, RouteEndpoint endpoint, int claimed, int withdrawn) : PolicyJumpTable
    {
        public override int GetDestination(HttpContext httpContext) => policy.IsClaimed(httpContext, endpoint) ? claimed : withdrawn;
    }
}
