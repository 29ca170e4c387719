using System.Diagnostics.CodeAnalysis;
using System.Net;
using Headroom.Routing.Policy;
using Headroom.Routing.Providers;
using Headroom.Routing.Upstreams;

namespace Headroom.Routing.Resolution;

/// <summary>Checks options and providers and compiles them into rules; lists every error under the key that holds it.</summary>
internal static class RuleCompiler
{
    internal static bool TryCompile(
        HeadroomOptions options,
        IEnumerable<Provider> additional,
        Func<IWebProxy?> egressProxy,
        [NotNullWhen(true)] out RoutingRules? rules,
        out List<string> errors)
    {
        rules = null;
        var providers = KnownProviders.With(additional);
        errors = [.. ProviderCheck.ErrorsOf(providers)];
        var switchedOff = providers.Where(provider => !options.IsEnabled(provider.Name)).ToHashSet();
        var routes = errors.Count == 0 ? new ProviderRouteMap(providers, switchedOff) : null;
        var bases = ReadBases(options, providers, errors);
        var named = ReadUpstreams(options, errors);
        var keys = new OperatorKeyReader(providers, errors);
        var keysOfProviders = ReadKeysOfProviders(options, providers, keys, errors);
        var keysOfUpstreams = ReadKeysOfUpstreams(options, keys);
        var entries = ReadAllowedUpstreams(options, errors);
        var mount = ReadMount(options, routes, errors);
        if (errors.Count > 0 || routes is null)
        {
            return false;
        }

        // A base counts as the origin and path that its requests go to.
        var names = new UpstreamNames(named, bases, entries);
        entries.AddRange(bases.Select(pair => AllowedUpstream.For($"the base address of {pair.Key.Name}", pair.Value, pair.Value.NormalizedPath)));
        entries.AddRange(named.Select(pair => AllowedUpstream.For($"{HeadroomOptions.SectionName}:Upstreams:{pair.Key}", pair.Value, pair.Value.Path)));
        rules = new RoutingRules(
            routes,
            new ProviderBases(bases, keysOfProviders, providers, switchedOff),
            new OverrideReader(named, keysOfUpstreams, options.AllowCatalog, names),
            new MountPaths(mount),
            new UpstreamPolicy(entries, options.AllowCatalog, egressProxy, options.TrustEgressProxy));
        return true;
    }

    private static Dictionary<Provider, UpstreamOverride> ReadBases(HeadroomOptions options, IReadOnlyList<Provider> providers, List<string> errors)
    {
        foreach (var name in options.Providers.Keys)
        {
            if (!providers.Any(provider => string.Equals(provider.Name, name, StringComparison.OrdinalIgnoreCase)))
            {
                errors.Add($"{HeadroomOptions.SectionName}:Providers:{name}: there is no provider of that name; known are {string.Join(", ", providers.Select(provider => provider.Name))}.");
            }
        }

        var bases = new Dictionary<Provider, UpstreamOverride>();
        foreach (var provider in providers)
        {
            if (BaseAddressOf(provider, options) is not { Length: > 0 } value)
            {
                continue;
            }

            if (UpstreamOverride.TryParse(value, out var upstream, out var refusal))
            {
                if (options.IsEnabled(provider.Name))
                {
                    bases[provider] = upstream;
                }
            }
            else
            {
                var variable = provider.BaseAddressVariable is { } name ? $" (or {name})" : "";
                errors.Add($"{HeadroomOptions.SectionName}:Providers:{provider.Name}:BaseAddress{variable}: {refusal.Message}");
            }
        }

        return bases;
    }

    private static string? BaseAddressOf(Provider provider, HeadroomOptions options)
    {
        var configured = options.Providers.TryGetValue(provider.Name, out var settings) ? settings?.BaseAddress : null;
        return string.IsNullOrWhiteSpace(configured) ? provider.BaseAddress : configured;
    }

    private static Dictionary<Provider, OperatorKey> ReadKeysOfProviders(
        HeadroomOptions options, IReadOnlyList<Provider> providers, OperatorKeyReader reader, List<string> errors)
    {
        var keys = new Dictionary<Provider, OperatorKey>();
        foreach (var provider in providers)
        {
            var path = $"{HeadroomOptions.SectionName}:Providers:{provider.Name}";
            if (!options.Providers.TryGetValue(provider.Name, out var settings) || settings is null || reader.Read(path, settings) is not { } key)
            {
                continue;
            }

            keys[provider] = key;
            if (settings.Enabled && provider.Region is null && string.IsNullOrEmpty(BaseAddressOf(provider, options)))
            {
                errors.Add($"{path}:Headers: a key belongs to a base address, and {provider.Name} has none; set {path}:BaseAddress.");
            }
        }

        return keys;
    }

    private static Dictionary<string, OperatorKey> ReadKeysOfUpstreams(HeadroomOptions options, OperatorKeyReader reader)
    {
        var keys = new Dictionary<string, OperatorKey>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, settings) in options.Upstreams)
        {
            if (settings is not null && reader.Read($"{HeadroomOptions.SectionName}:Upstreams:{name}", settings) is { } key)
            {
                keys[name] = key;
            }
        }

        return keys;
    }

    private static Dictionary<string, UpstreamOverride> ReadUpstreams(HeadroomOptions options, List<string> errors)
    {
        var named = new Dictionary<string, UpstreamOverride>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, settings) in options.Upstreams)
        {
            var key = $"{HeadroomOptions.SectionName}:Upstreams:{name}";
            if (!OverrideReader.IsName(name))
            {
                errors.Add($"{key}: a name is a letter, then letters, digits, dots, underscores and hyphens.");
            }
            else if (UpstreamOverride.TryParse(settings?.BaseAddress, out var upstream, out var refusal))
            {
                named.Add(name, upstream);
            }
            else
            {
                errors.Add($"{key}: {refusal.Message}");
            }
        }

        return named;
    }

    private static List<AllowedUpstream> ReadAllowedUpstreams(HeadroomOptions options, List<string> errors)
    {
        var entries = new List<AllowedUpstream>();
        for (var i = 0; i < options.AllowedUpstreams.Count; i++)
        {
            var key = $"{HeadroomOptions.SectionName}:AllowedUpstreams:{i}";
            if (AllowedUpstream.TryParse(key, options.AllowedUpstreams[i], out var entry, out var error))
            {
                entries.Add(entry);
            }
            else
            {
                errors.Add($"{key}: {error}");
            }
        }

        return entries;
    }

    private static string[] ReadMount(HeadroomOptions options, ProviderRouteMap? routes, List<string> errors)
    {
        const string Key = $"{HeadroomOptions.SectionName}:{nameof(HeadroomOptions.VerbatimMount)}";
        var mount = options.VerbatimMount.Trim('/');
        if (mount.Length == 0)
        {
            return [];
        }

        var segments = mount.Split('/');
        if (segments.Any(segment => !OverrideReader.IsName(segment)))
        {
            errors.Add($"{Key}: each segment is a letter, then letters, digits, dots, underscores and hyphens.");
        }
        else if (routes?.OwnerOf($"/{mount}") is { } owner)
        {
            errors.Add($"{Key}: '/{mount}' is a path of {owner.Name}'s API; choose another, such as /upstream.");
        }

        return segments;
    }
}
