using Headroom.Routing.Policy;

namespace Headroom.Routing.Resolution;

/// <summary>
/// What some callers may reach of what everybody may reach. It judges targets that were resolved, so it can only take away. Immutable.
/// </summary>
internal sealed class UpstreamReach
{
    private const int KeptOrigins = 256;

    private readonly UpstreamPolicy _policy;
    private readonly HashSet<Provider> _regional;
    private readonly BoundedCache<string, UpstreamGrant> _grants = new(KeptOrigins);

    /// <param name="policy">What is opened.</param>
    /// <param name="regional">The providers whose base follows from a location in the path, and is opened wherever that leads.</param>
    private UpstreamReach(UpstreamPolicy policy, HashSet<Provider> regional)
    {
        _policy = policy;
        _regional = regional;
    }

    /// <summary>Compiles lists, and adds every error under the key that holds it.</summary>
    /// <param name="key">The configuration key of the object that has the lists.</param>
    /// <param name="rules">What everybody may reach; names mean here what they mean there.</param>
    /// <param name="providers">Names of providers, whose bases are opened.</param>
    /// <param name="upstreams">Names of upstreams, the operator's or the catalog's.</param>
    /// <param name="allowed">Entries as in <see cref="HeadroomOptions.AllowedUpstreams"/>.</param>
    /// <param name="allowCatalog">Whether the catalog is opened.</param>
    /// <param name="errors">Takes the errors.</param>
    internal static UpstreamReach Compile(
        string key, RoutingRules rules, IList<string> providers, IList<string> upstreams, IList<string> allowed, bool allowCatalog, List<string> errors)
    {
        List<AllowedUpstream> entries = [];
        HashSet<Provider> regional = [];
        for (var i = 0; i < providers.Count; i++)
        {
            if (rules.Bases.Find(providers[i], out var provider, out var chosen) is { } error)
            {
                errors.Add($"{key}:Providers:{i}: {error}");
            }
            else if (chosen is null)
            {
                regional.Add(provider!);
            }
            else
            {
                Open(chosen);
            }
        }

        for (var i = 0; i < upstreams.Count; i++)
        {
            if (rules.Overrides.Find(upstreams[i], out var chosen) is null)
            {
                Open(chosen!);
            }
            else
            {
                errors.Add($"{key}:Upstreams:{i}: there is no upstream of that name in Headroom:Upstreams or the catalog.");
            }
        }

        for (var i = 0; i < allowed.Count; i++)
        {
            var place = $"{key}:AllowedUpstreams:{i}";
            if (AllowedUpstream.TryParse(place, allowed[i], out var entry, out var error))
            {
                entries.Add(entry);
            }
            else
            {
                errors.Add($"{place}: {error}");
            }
        }

        return new UpstreamReach(rules.Policy.Of(entries, allowCatalog), regional);

        // Of a name of the catalog, the whole host.
        void Open(ChosenUpstream chosen) => entries.Add(AllowedUpstream.For(key, chosen.Upstream, chosen.Opened?.Path ?? ""));
    }

    /// <summary>Decides whether these callers may reach a target.</summary>
    /// <param name="target">The target, which everybody's policy lets through.</param>
    /// <param name="trust">The address rule that these callers reach it by. The target's own may be narrower.</param>
    /// <returns>Why they may not; <see langword="null"/> if they may.</returns>
    internal Refusal? Judge(UpstreamTarget target, out UpstreamTrust trust)
    {
        if (target.Choice == UpstreamChoice.Configured && target.Provider is { } provider && _regional.Contains(provider))
        {
            trust = UpstreamTrust.Operator;
            return null;
        }

        if (!_grants.TryFind(target.Origin, out var grant))
        {
            grant = _policy.GrantFor(target.Upstream);
            _grants.Keep(target.Origin, grant);
        }

        return UpstreamPolicy.Judge(grant, target.Path, out trust, out _);
    }
}
