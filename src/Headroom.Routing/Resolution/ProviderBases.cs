using System.Diagnostics.CodeAnalysis;
using Headroom.Routing.Providers;

namespace Headroom.Routing.Resolution;

/// <summary>Where requests without an override go: each provider's configured base, its own, or the one of the region in the path.</summary>
internal sealed class ProviderBases
{
    private const int KeptRegions = 256;

    private readonly Dictionary<Provider, ChosenUpstream> _bases;
    private readonly BoundedCache<ChosenUpstream> _regions = new(KeptRegions);

    internal ProviderBases(IReadOnlyDictionary<Provider, UpstreamOverride> bases)
    {
        _bases = bases.ToDictionary(pair => pair.Key, pair => ChosenUpstream.OfOperator(pair.Value, UpstreamChoice.Configured));
        Login = _bases[ChatGpt.Provider];
    }

    /// <summary>Where subscription logins go.</summary>
    internal ChosenUpstream Login { get; }

    /// <summary>The base for a request without an override.</summary>
    internal bool TryFind(RouteMatch? match, ReadOnlySpan<char> path, [NotNullWhen(true)] out ChosenUpstream? candidate, [NotNullWhen(false)] out Refusal? refusal)
    {
        candidate = null;
        refusal = null;
        if (match is not { } found)
        {
            refusal = Unowned;
            return false;
        }

        if (_bases.TryGetValue(found.Provider, out candidate))
        {
            return true;
        }

        if (found is { Provider.Region: { } region, Template: { } template })
        {
            return TryFindRegion(found.Provider.Region, template.ValueOf(region.Parameter, path), out candidate, out refusal);
        }

        refusal = NoBase(found.Provider);
        return false;
    }

    private bool TryFindRegion(
        RegionalBaseAddress region,
        ReadOnlySpan<char> location,
        [NotNullWhen(true)] out ChosenUpstream? candidate,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        candidate = null;
        refusal = BadLocation;
        if (!RegionalBaseAddress.IsLocation(location))
        {
            return false;
        }

        var key = location.ToString();
        candidate = _regions.Find(key);
        if (candidate is null && UpstreamOverride.TryParse(region.For(key), out var upstream, out _))
        {
            candidate = ChosenUpstream.OfOperator(upstream, UpstreamChoice.Configured);
            _regions.Keep(key, candidate);
        }

        refusal = candidate is null ? BadLocation : null;
        return candidate is not null;
    }

    private static Refusal NoBase(Provider provider) => new(
        RefusalReason.NoUpstream,
        $"{provider.Name} has no address of its own here. Name the upstream in an X-Headroom-Upstream header, or set Headroom:Providers:{provider.Name}:BaseAddress.");

    private static readonly Refusal Unowned = new(
        RefusalReason.NoUpstream,
        "No provider owns this path. Name the upstream in an X-Headroom-Upstream header.");

    private static readonly Refusal BadLocation = Refusal.Invalid(
        "The location in the path is not one: lower-case letters and digits, in groups joined by single hyphens.");
}
