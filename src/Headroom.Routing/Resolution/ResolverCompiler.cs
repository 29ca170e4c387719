using System.Diagnostics.CodeAnalysis;
using System.Net;
using Headroom.Routing.Policy;
using Headroom.Routing.Providers;

namespace Headroom.Routing.Resolution;

/// <summary>Checks options and turns them into a resolver; lists every fault under the key that holds it.</summary>
internal static class ResolverCompiler
{
    internal static bool TryCompile(
        HeadroomOptions options,
        IEnumerable<Provider> additional,
        IWebProxy? egressProxy,
        [NotNullWhen(true)] out UpstreamResolver? resolver,
        out List<string> faults)
    {
        faults = [];
        Provider[] providers = [.. KnownProviders.All, .. additional];
        var routes = ReadRoutes(providers, faults);
        var bases = ReadBases(options, providers, faults);
        var named = ReadUpstreams(options, faults);
        var entries = ReadAllowedUpstreams(options, faults);
        var mount = ReadMount(options, faults);
        resolver = null;
        if (faults.Count > 0 || routes is null)
        {
            return false;
        }

        // A base counts as the origin and path that its requests go to.
        entries.AddRange(bases.Values.Select(upstream => AllowedUpstream.For(upstream, upstream.NormalizedPath)));
        entries.AddRange(named.Values.Select(upstream => AllowedUpstream.For(upstream, upstream.Path)));
        var policy = new UpstreamPolicy(entries, options.AllowCatalog, egressProxy, options.TrustEgressProxy);
        resolver = new UpstreamResolver(
            routes,
            new ProviderBases(bases),
            new OverrideReader(named, options.AllowCatalog, policy),
            new MountPaths(mount));
        return true;
    }

    private static ProviderRouteMap? ReadRoutes(Provider[] providers, List<string> faults)
    {
        foreach (var group in providers.GroupBy(provider => provider.Name, StringComparer.OrdinalIgnoreCase))
        {
            if (group.Count() > 1)
            {
                faults.Add($"There is more than one provider called '{group.Key}'.");
            }
        }

        try
        {
            return new ProviderRouteMap(providers);
        }
        catch (FormatException e)
        {
            faults.Add(e.Message);
            return null;
        }
    }

    private static Dictionary<Provider, UpstreamOverride> ReadBases(HeadroomOptions options, Provider[] providers, List<string> faults)
    {
        foreach (var name in options.Providers.Keys)
        {
            if (!providers.Any(provider => string.Equals(provider.Name, name, StringComparison.OrdinalIgnoreCase)))
            {
                faults.Add($"{HeadroomOptions.SectionName}:Providers:{name}: there is no provider of that name; known are {string.Join(", ", providers.Select(provider => provider.Name))}.");
            }
        }

        var bases = new Dictionary<Provider, UpstreamOverride>();
        foreach (var provider in providers)
        {
            var configured = options.Providers.TryGetValue(provider.Name, out var settings) ? settings.BaseAddress : null;
            var value = string.IsNullOrWhiteSpace(configured) ? provider.BaseAddress : configured;
            if (string.IsNullOrEmpty(value))
            {
                continue;
            }

            if (UpstreamOverride.TryParse(value, out var upstream, out var refusal))
            {
                bases.Add(provider, upstream);
            }
            else
            {
                var variable = provider.BaseAddressVariable is { } name ? $" (or {name})" : "";
                faults.Add($"{HeadroomOptions.SectionName}:Providers:{provider.Name}:BaseAddress{variable}: {refusal.Message}");
            }
        }

        return bases;
    }

    private static Dictionary<string, UpstreamOverride> ReadUpstreams(HeadroomOptions options, List<string> faults)
    {
        var named = new Dictionary<string, UpstreamOverride>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in options.Upstreams)
        {
            var key = $"{HeadroomOptions.SectionName}:Upstreams:{name}";
            if (!OverrideReader.IsName(name))
            {
                faults.Add($"{key}: a name is a letter, then letters, digits, dots, underscores and hyphens.");
            }
            else if (UpstreamOverride.TryParse(value, out var upstream, out var refusal))
            {
                named.Add(name, upstream);
            }
            else
            {
                faults.Add($"{key}: {refusal.Message}");
            }
        }

        return named;
    }

    private static List<AllowedUpstream> ReadAllowedUpstreams(HeadroomOptions options, List<string> faults)
    {
        var entries = new List<AllowedUpstream>();
        for (var i = 0; i < options.AllowedUpstreams.Count; i++)
        {
            if (AllowedUpstream.TryParse(options.AllowedUpstreams[i], out var entry, out var fault))
            {
                entries.Add(entry);
            }
            else
            {
                faults.Add($"{HeadroomOptions.SectionName}:AllowedUpstreams:{i}: {fault}");
            }
        }

        return entries;
    }

    private static string[] ReadMount(HeadroomOptions options, List<string> faults)
    {
        var mount = options.VerbatimMount.Trim('/');
        if (mount.Length == 0)
        {
            return [];
        }

        var segments = mount.Split('/');
        if (segments.Any(segment => !OverrideReader.IsName(segment)))
        {
            faults.Add($"{HeadroomOptions.SectionName}:VerbatimMount: each segment is a letter, then letters, digits, dots, underscores and hyphens.");
        }

        return segments;
    }
}
