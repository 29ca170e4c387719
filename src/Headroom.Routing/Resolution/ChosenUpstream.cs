using Headroom.Routing.Policy;

namespace Headroom.Routing.Resolution;

/// <summary>The upstream that a request goes to if the policy lets it, and who chose it. Kept from one request to the next.</summary>
/// <param name="upstream">The upstream.</param>
/// <param name="choice">Who chose it.</param>
/// <param name="operatorPath">
/// The path below which the operator opened it by configuring or naming it; <see langword="null"/> for an upstream that the allow-list or the catalog
/// must open.
/// </param>
internal sealed class ChosenUpstream(UpstreamOverride upstream, UpstreamChoice choice, string? operatorPath = null)
{
    private UpstreamGrant? _grant;

    internal UpstreamOverride Upstream { get; } = upstream;

    internal UpstreamChoice Choice { get; } = choice;

    /// <summary>An upstream of the operator's own.</summary>
    internal static ChosenUpstream OfOperator(UpstreamOverride upstream, UpstreamChoice choice) =>
        new(upstream, choice, choice == UpstreamChoice.Named ? upstream.Path : upstream.NormalizedPath);

    /// <summary>What the policy allows at the upstream's origin; computed when it is first needed.</summary>
    internal UpstreamGrant GrantBy(UpstreamPolicy policy) =>
        _grant ??= operatorPath is null ? policy.GrantFor(Upstream) : UpstreamGrant.Operator(operatorPath);
}
