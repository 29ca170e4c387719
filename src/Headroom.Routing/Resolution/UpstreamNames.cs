using System.Collections.Frozen;
using Headroom.Routing.Policy;
using Headroom.Routing.Upstreams;

namespace Headroom.Routing.Resolution;

/// <summary>
/// What the operator and the catalog call an origin. Names are few, whatever callers send, so they can stand in metrics.
/// </summary>
internal sealed class UpstreamNames
{
    private readonly FrozenDictionary<string, string> _byOrigin;
    private readonly AllowedUpstream[] _entries;

    /// <param name="named">The operator's named upstreams.</param>
    /// <param name="bases">The base of each provider that has one.</param>
    /// <param name="entries">The allow-list.</param>
    internal UpstreamNames(
        IReadOnlyDictionary<string, UpstreamOverride> named, IReadOnlyDictionary<Provider, UpstreamOverride> bases, IEnumerable<AllowedUpstream> entries)
    {
        // Where the catalog has several names for an origin, the shortest is the provider's, and the others are those of its plans and regions.
        var catalog = UpstreamCatalog.ByName.OrderBy(pair => pair.Key.Length).ThenBy(pair => pair.Key, StringComparer.Ordinal);
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, upstream) in named.Concat(bases.Select(pair => new KeyValuePair<string, UpstreamOverride>(pair.Key.Name, pair.Value))).Concat(catalog))
        {
            names.TryAdd(upstream.Origin, name);
        }

        _byOrigin = names.ToFrozenDictionary(StringComparer.Ordinal);
        _entries = [.. entries.Where(entry => !entry.IsWildcard)];
    }

    /// <summary>The name of an upstream's origin; <see langword="null"/> if it has none.</summary>
    internal string? Find(UpstreamOverride upstream)
    {
        if (_byOrigin.TryGetValue(upstream.Origin, out var name))
        {
            return name;
        }

        foreach (var entry in _entries)
        {
            if (entry.CoversOrigin(upstream))
            {
                return upstream.Host;
            }
        }

        return null;
    }
}
