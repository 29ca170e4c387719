using Headroom.Routing.Policy;
using Headroom.Routing.Upstreams;

namespace Headroom.Routing.Resolution;

/// <summary>An upstream that a request asks for, who chose it, and what the policy says of its origin: all that does not change with the path.</summary>
internal sealed record Candidate(UpstreamOverride Upstream, UpstreamChoice Choice, UpstreamGrant Grant)
{
    /// <summary>What the operator named may be reached wherever its base leads.</summary>
    internal static Candidate OfOperator(UpstreamOverride upstream, UpstreamChoice choice) => new(upstream, choice, UpstreamGrant.Operator);
}
