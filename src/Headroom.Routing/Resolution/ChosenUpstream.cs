using Headroom.Routing.Policy;

namespace Headroom.Routing.Resolution;

/// <summary>An upstream that a request asks for, who chose it, and what the policy says of its origin: all that does not change with the path.</summary>
internal sealed record ChosenUpstream(UpstreamOverride Upstream, UpstreamChoice Choice, UpstreamGrant Grant)
{
    /// <summary>
    /// What the operator named may be reached wherever its base leads, but not beside it: an original-path of the caller's must not turn
    /// <c>http://10.0.0.5/llm</c> into <c>/admin</c>.
    /// </summary>
    internal static ChosenUpstream OfOperator(UpstreamOverride upstream, UpstreamChoice choice) =>
        new(upstream, choice, UpstreamGrant.Operator(choice == UpstreamChoice.Named ? upstream.Path : upstream.NormalizedPath));
}
