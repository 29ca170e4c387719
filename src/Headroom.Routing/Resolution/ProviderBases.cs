using Headroom.Routing.Providers;
using Headroom.Routing.Upstreams;

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
    private readonly IReadOnlyDictionary<Provider, OperatorKey> _keys;
    private readonly HashSet<Provider> _switchedOff;
    private readonly ChosenUpstream? _login;

    /// <param name="bases">The base of each provider that has one and is not switched off.</param>
    /// <param name="keys">The operator's keys for them.</param>
    /// <param name="providers">All providers.</param>
    /// <param name="switchedOff">Those that are switched off.</param>
    internal ProviderBases(
        IReadOnlyDictionary<Provider, UpstreamOverride> bases,
        IReadOnlyDictionary<Provider, OperatorKey> keys,
        IReadOnlyList<Provider> providers,
        HashSet<Provider> switchedOff)
    {
        _providers = providers;
        _regions = providers.Where(provider => provider.Region is not null).ToDictionary(provider => provider, _ => new BoundedCache<string, ChosenUpstream>(KeptRegions));
        _bases = bases.ToDictionary(pair => pair.Key, pair => ChosenUpstream.BaseOf(pair.Key, pair.Value, isKnownHost: true, keys.GetValueOrDefault(pair.Key)));
        _keys = keys;
        _switchedOff = switchedOff;

        // A login is its own key.
        _login = bases.TryGetValue(ChatGpt.Provider, out var login) ? ChosenUpstream.BaseOf(ChatGpt.Provider, login, isKnownHost: true, key: null) : null;
    }

    /// <summary>Whether requests do not go to a provider by default, although their paths or credentials are known for its own.</summary>
    internal bool IsSwitchedOff(Provider provider) => _switchedOff.Contains(provider);

    /// <summary>Finds where subscription logins go.</summary>
    /// <returns>Why there is no such place; <see langword="null"/> if there is one.</returns>
    internal Refusal? FindLogin(out ChosenUpstream? chosen)
    {
        chosen = _login;
        return chosen is null ? SwitchedOff(ChatGpt.Provider) : null;
    }

    /// <summary>Finds the base for a request without an override.</summary>
    /// <returns>Why there is none; <see langword="null"/> if there is one.</returns>
    internal Refusal? Find(RouteMatch match, ReadOnlySpan<char> path, out ChosenUpstream? chosen)
    {
        chosen = null;
        if (match.Provider is not { } provider)
        {
            return Unowned;
        }

        if (IsSwitchedOff(provider))
        {
            return SwitchedOff(provider);
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
    /// <param name="chosen">Its base; <see langword="null"/> if that follows from a request's path, or if the provider is switched off.</param>
    /// <returns>What is wrong with the name; <see langword="null"/> if nothing is.</returns>
    internal string? Find(string name, out Provider? provider, out ChosenUpstream? chosen)
    {
        chosen = null;
        provider = _providers.FirstOrDefault(provider => string.Equals(provider.Name, name, StringComparison.OrdinalIgnoreCase));
        return provider is null ? $"there is no provider of that name; known are {string.Join(", ", _providers.Select(known => known.Name))}."
            : _bases.TryGetValue(provider, out chosen) || provider.Region is not null || IsSwitchedOff(provider) ? null
            : $"{provider.Name} has no base address; set {HeadroomOptions.SectionName}:Providers:{provider.Name}:BaseAddress.";
    }

    private Refusal? FindRegion(
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
            chosen = ChosenUpstream.BaseOf(provider, upstream, isKnownHost: false, _keys.GetValueOrDefault(provider));
            kept.Keep(name, chosen);
        }

        return chosen is null ? BadLocation : null;
    }

    private static Refusal SwitchedOff(Provider provider) => new(
        RefusalReason.NoUpstream,
        $"{provider.Name} is switched off here. Name another upstream in an {HeadroomHeaders.Upstream} header, or set Headroom:Providers:{provider.Name}:Enabled to true.");

    private static Refusal NoBase(Provider provider) => new(
        RefusalReason.NoUpstream,
        $"{provider.Name} has no address of its own here. Name the upstream in an {HeadroomHeaders.Upstream} header, or set Headroom:Providers:{provider.Name}:BaseAddress.");
}
