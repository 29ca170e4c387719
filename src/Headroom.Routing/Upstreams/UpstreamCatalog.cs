using System.Collections.Frozen;

namespace Headroom.Routing.Upstreams;

/// <summary>The built-in catalog of known providers: names that work without configuration, each with its documented base URL.</summary>
internal static class UpstreamCatalog
{
    private static readonly Lazy<FrozenDictionary<string, UpstreamOverride>> Entries = new(Read);

    private static readonly Lazy<FrozenSet<string>> Hosts = new(
        () => Entries.Value.Values.Select(upstream => upstream.Host).ToFrozenSet(StringComparer.Ordinal));

    /// <summary>The catalog by name, case-insensitive.</summary>
    internal static IReadOnlyDictionary<string, UpstreamOverride> ByName => Entries.Value;

    /// <summary>Whether an upstream is on a known provider's host, over https on the default port.</summary>
    internal static bool HoldsOrigin(UpstreamOverride upstream) =>
        upstream.Scheme == Uri.UriSchemeHttps && upstream.Port == 443 && Hosts.Value.Contains(upstream.Host);

    private static FrozenDictionary<string, UpstreamOverride> Read()
    {
        using var stream = typeof(UpstreamCatalog).Assembly.GetManifestResourceStream("catalog.tsv")!;
        using var reader = new StreamReader(stream);
        var entries = new Dictionary<string, UpstreamOverride>(StringComparer.OrdinalIgnoreCase);
        for (var line = reader.ReadLine(); (line = reader.ReadLine()) is not null;)
        {
            var columns = line.Split('\t');
            entries.Add(columns[0], UpstreamOverride.Parse(columns[1]));
        }

        return entries.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }
}
