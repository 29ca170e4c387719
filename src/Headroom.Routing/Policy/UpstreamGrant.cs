namespace Headroom.Routing.Policy;

/// <summary>What the policy allows at one origin: the paths below which it may be reached, and by which address rule. Immutable, so it can be cached.</summary>
/// <param name="OperatorPaths">The paths that the operator opened by naming the origin.</param>
/// <param name="PublicPaths">The paths that a wildcard or the catalog opens.</param>
/// <param name="NotPublic">Why the origin can't be public, for the log; <see langword="null"/> if it can.</param>
internal sealed record UpstreamGrant(OpenedPath[] OperatorPaths, OpenedPath[] PublicPaths, string? NotPublic)
{
    /// <summary>All paths that are open.</summary>
    internal IEnumerable<OpenedPath> Paths => OperatorPaths.Concat(PublicPaths);

    /// <summary>
    /// For an upstream that the operator configured or named: by the operator's address rule, wherever its base leads, but not beside it. An
    /// original-path of the caller's must not turn <c>http://10.0.0.5/llm</c> into <c>/admin</c>.
    /// </summary>
    internal static UpstreamGrant Operator(OpenedPath path) => new([path], [], null);
}
