using Headroom.Routing.Providers;

namespace Headroom.Routing.Resolution;

/// <summary>Where requests without an override go: each provider's configured base, its own, or the one of the region in the path.</summary>
internal sealed class ProviderBases
{
    private const int KeptRegions = 256;

    private static readonly Refusal Unowned = new(
        RefusalReason.NoUpstream,
        $"No provider owns this path. Name the upstream in an {HeadroomHeaders.Upstream} header.");

    private static readonly Refusal BadLocation = Refusal.Invalid(
        "The location in the path is not one: lower-case letters and digits, in groups joined by single hyphens.");

    private readonly IReadOnlyList<Provider> _providers;
    private readonly Dictionary<Provider, ChosenUpstream> _bases;
    private readonly Dictionary<Provider, BoundedCache<string, ChosenUpstream>> _regions;

    /// <param name="bases">The base of each provider that has one.</param>
    /// <param name="providers">All providers.</param>
    internal ProviderBases(IReadOnlyDictionary<Provider, UpstreamOverride> bases, IReadOnlyList<Provider> providers)
    {
        _providers = providers;
        _regions = providers.Where(provider => provider.Region is not null).ToDictionary(provider => provider, _ => new BoundedCache<string, ChosenUpstream>(KeptRegions));
        _bases = bases.ToDictionary(pair => pair.Key, pair => ChosenUpstream.BaseOf(pair.Key, pair.Value, isKnownHost: true));
        Login = _bases[ChatGpt.Provider];
    }

    /// <summary>Where subscription logins go.</summary>
    internal ChosenUpstream Login { get; }

    /// <summary>Finds the base for a request without an override.</summary>
    /// <returns>Why there is none; <see langword="null"/> if there is one.</returns>
    internal Refusal? Find(RouteMatch match, ReadOnlySpan<char> path, out ChosenUpstream? chosen)
    {
        chosen = null;
        if (match.Provider is not { } provider)
        {
            return Unowned;
        }

        if (_bases.TryGetValue(provider, out chosen))
        {
            return null;
        }

        return provider.Region is { } region && match.Route is { } route && route.Template.Has(region.Parameter)
            ? FindRegion(_regions[provider], provider, region, route.Template.ValueOf(region.Parameter, path), out chosen)
            : NoBase(provider);
    }

    /// <summary>Finds a provider by its name, and its base.</summary>
    /// <param name="name">The provider's name, in any case.</param>
    /// <param name="provider">The provider.</param>
    /// <param name="chosen">Its base; <see langword="null"/> if that follows from a request's path.</param>
    /// <returns>What is wrong with the name; <see langword="null"/> if nothing is.</returns>
    internal string? Find(string name, out Provider? provider, out ChosenUpstream? chosen)
    {
        chosen = null;
        provider = _providers.FirstOrDefault(provider => string.Equals(provider.Name, name, StringComparison.OrdinalIgnoreCase));
        return provider is null ? $"there is no provider of that name; known are {string.Join(", ", _providers.Select(known => known.Name))}."
            : _bases.TryGetValue(provider, out chosen) || provider.Region is not null ? null
            : $"{provider.Name} has no base address; set {HeadroomOptions.SectionName}:Providers:{provider.Name}:BaseAddress.";
    }

    private static Refusal? FindRegion(
        BoundedCache<string, ChosenUpstream> kept, Provider provider, RegionalBaseAddress region, ReadOnlySpan<char> location, out ChosenUpstream? chosen)
    {
        chosen = null;
        if (!RegionalBaseAddress.IsLocation(location))
        {
            return BadLocation;
        }

        var name = location.ToString();
        if (!kept.TryFind(name, out chosen) && UpstreamOverride.TryParse(region.For(name), out var upstream))
        {
            chosen = ChosenUpstream.BaseOf(provider, upstream, isKnownHost: false);
            kept.Keep(name, chosen);
        }

        return chosen is null ? BadLocation : null;
    }

    private static Refusal NoBase(Provider provider) => new(
        RefusalReason.NoUpstream,
        $"{provider.Name} has no address of its own here. Name the upstream in an {HeadroomHeaders.Upstream} header, or set Headroom:Providers:{provider.Name}:BaseAddress.");
}
