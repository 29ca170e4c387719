using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Headroom.Routing.AspNetCore.Configuration;

/// <summary>A hash of every value of the options. Options with the same hash are equal, and it tells nothing of the keys among them.</summary>
internal static class OptionsFingerprint
{
    internal static string Of(HeadroomProxyOptions options)
    {
        var text = new StringBuilder();
        foreach (var (name, provider) in options.Providers.OrderBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase))
        {
            Add(text, name.ToUpperInvariant(), Invariant(provider?.Enabled != false));
            AddUpstream(text, provider);
        }

        Add(text, null);
        foreach (var (name, upstream) in options.Upstreams.OrderBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase))
        {
            Add(text, name.ToUpperInvariant());
            AddUpstream(text, upstream);
        }

        Add(text, null);
        foreach (var (name, group) in options.Callers.OrderBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase))
        {
            Add(text, name.ToUpperInvariant(), group.Claim?.Type, group.Claim?.Value, group.Policy, Invariant(group.Everyone), Invariant(group.AllowCatalog));
            AddList(text, group.Providers);
            AddList(text, group.Upstreams);
            AddList(text, group.AllowedUpstreams);
        }

        Add(text, null);
        AddPairs(text, options.Tokens);
        AddList(text, options.AllowedUpstreams);
        AddList(text, options.AllowedOrigins);
        AddList(text, options.StripRequestHeaders);
        AddList(text, options.AlsoStripRequestHeaders);
        AddList(text, options.StripResponseHeaders);
        AddList(text, options.AlsoStripResponseHeaders);
        Add(
            text,
            options.VerbatimMount,
            Invariant(options.AllowCatalog),
            Invariant(options.TrustEgressProxy),
            Invariant(options.CatchAll),
            Invariant(options.RevealUpstream),
            Invariant(options.PropagateTraceContext),
            Invariant(options.ConnectTimeout),
            options.IdleConnectionTimeout is { } idle ? Invariant(idle) : null,
            Invariant(options.IdleTimeout));
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static string Invariant(bool value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Invariant(TimeSpan value) => value.ToString("c", CultureInfo.InvariantCulture);

    private static void AddUpstream(StringBuilder text, UpstreamOptions? upstream)
    {
        Add(text, upstream?.BaseAddress);
        AddPairs(text, upstream?.Headers);
        AddList(text, upstream?.AllowCallers);
    }

    private static void AddPairs(StringBuilder text, IDictionary<string, string>? pairs)
    {
        foreach (var (name, value) in (pairs ?? new Dictionary<string, string>()).OrderBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase))
        {
            Add(text, name, value);
        }

        Add(text, null);
    }

    private static void AddList(StringBuilder text, IList<string>? values)
    {
        Add(text, values?.Count.ToString(CultureInfo.InvariantCulture));
        Add(text, [.. values ?? []]);
    }

    // The length in front keeps one text from being read as two.
    private static void Add(StringBuilder text, params ReadOnlySpan<string?> values)
    {
        foreach (var value in values)
        {
            text.Append(CultureInfo.InvariantCulture, $"{value?.Length ?? -1}:{value}");
        }
    }
}
