using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Headroom.Routing.AspNetCore.Configuration;

/// <summary>
/// The keys that a section may have, and the shape of each. The binder ignores unknown keys and other shapes, and a setting without effect is worse than
/// an app that does not start.
/// </summary>
internal static class ConfigurationSchema
{
    private static readonly Dictionary<string, ShapeCheck> Settings = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(HeadroomProxyOptions.Providers)] = Providers,
        [nameof(HeadroomProxyOptions.Upstreams)] = Upstreams,
        [nameof(HeadroomProxyOptions.AllowedUpstreams)] = List,
        [nameof(HeadroomProxyOptions.AllowCatalog)] = Flag,
        [nameof(HeadroomProxyOptions.TrustEgressProxy)] = Flag,
        [nameof(HeadroomProxyOptions.VerbatimMount)] = Text,
        [nameof(HeadroomProxyOptions.CatchAll)] = Flag,
        [nameof(HeadroomProxyOptions.Callers)] = CallerGroups,
        [nameof(HeadroomProxyOptions.AllowedOrigins)] = List,
        [nameof(HeadroomProxyOptions.Tokens)] = List,
        [nameof(HeadroomProxyOptions.StripRequestHeaders)] = List,
        [nameof(HeadroomProxyOptions.AlsoStripRequestHeaders)] = List,
        [nameof(HeadroomProxyOptions.StripResponseHeaders)] = List,
        [nameof(HeadroomProxyOptions.AlsoStripResponseHeaders)] = List,
        [nameof(HeadroomProxyOptions.ConnectTimeout)] = Time,
        [nameof(HeadroomProxyOptions.IdleConnectionTimeout)] = Time,
        [nameof(HeadroomProxyOptions.IdleTimeout)] = Time,
        [nameof(HeadroomProxyOptions.RevealUpstream)] = Flag,
        [nameof(HeadroomProxyOptions.PropagateTraceContext)] = Flag,
    };

    private static readonly Dictionary<string, ShapeCheck> UpstreamSettings = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(UpstreamOptions.BaseAddress)] = Text,
        [nameof(UpstreamOptions.Headers)] = Headers,
        [nameof(UpstreamOptions.AllowCallers)] = Callers,
    };

    private static readonly Dictionary<string, ShapeCheck> ProviderSettings = new(UpstreamSettings, StringComparer.OrdinalIgnoreCase)
    {
        [nameof(ProviderOptions.Enabled)] = Flag,
    };

    private static readonly Dictionary<string, ShapeCheck> CallerSettings = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(CallerOptions.Claim)] = Claim,
        [nameof(CallerOptions.Policy)] = Text,
        [nameof(CallerOptions.Everyone)] = Flag,
        [nameof(CallerOptions.Providers)] = List,
        [nameof(CallerOptions.Upstreams)] = List,
        [nameof(CallerOptions.AllowedUpstreams)] = List,
        [nameof(CallerOptions.AllowCatalog)] = Flag,
    };

    private static readonly Dictionary<string, ShapeCheck> ClaimSettings = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(CallerClaim.Type)] = Text,
        [nameof(CallerClaim.Value)] = Text,
    };

    private delegate IEnumerable<string> ShapeCheck(IConfigurationSection section);

    /// <summary>The keys of the section.</summary>
    internal static IReadOnlyCollection<string> Keys => Settings.Keys;

    /// <summary>The keys of each upstream.</summary>
    internal static IReadOnlyCollection<string> UpstreamKeys => UpstreamSettings.Keys;

    /// <summary>The keys of each provider.</summary>
    internal static IReadOnlyCollection<string> ProviderKeys => ProviderSettings.Keys;

    /// <summary>The keys of each group of callers.</summary>
    internal static IReadOnlyCollection<string> CallerKeys => CallerSettings.Keys;

    /// <summary>The keys of a group's claim.</summary>
    internal static IReadOnlyCollection<string> ClaimKeys => ClaimSettings.Keys;

    /// <summary>Walks the section as it stands in the configuration.</summary>
    /// <returns>The errors, each with the full key in front.</returns>
    internal static IEnumerable<string> Check(IConfigurationSection section) => string.IsNullOrEmpty(section.Value)
        ? section.GetChildren().SelectMany(child => Known(child, Settings))
        : [$"{section.Path}: holds one value where settings belong, such as {section.Path}:AllowedUpstreams:0."];

    private static IEnumerable<string> Known(IConfigurationSection section, Dictionary<string, ShapeCheck> settings)
    {
        if (settings.TryGetValue(section.Key, out var check))
        {
            return check(section);
        }

        var hint = ClosestName.Find(section.Key, settings.Keys) is { } closest
            ? $"Did you mean '{closest}'?"
            : $"Known here: {string.Join(", ", settings.Keys)}.";
        return [$"{section.Path}: there is no such setting. {hint}"];
    }

    // The names are free; whether a provider has that name is not judged here.
    private static IEnumerable<string> Providers(IConfigurationSection section) => Named(section, "OpenAI:BaseAddress", provider =>
        string.IsNullOrEmpty(provider.Value)
            ? provider.GetChildren().SelectMany(setting => Known(setting, ProviderSettings))
            : [Misplaced(provider, "an object", nameof(ProviderOptions.BaseAddress))]);

    // An upstream is a URL, an object, or a URL whose key comes from another source.
    private static IEnumerable<string> Upstreams(IConfigurationSection section) => Named(section, "local", upstream =>
    {
        var address = upstream.GetSection(nameof(UpstreamOptions.BaseAddress));
        IEnumerable<string> twice = string.IsNullOrEmpty(upstream.Value) || string.IsNullOrEmpty(address.Value)
            ? []
            : [$"{upstream.Path}: holds a URL and {address.Path} another; leave one of them out."];
        return upstream.GetChildren().SelectMany(setting => Known(setting, UpstreamSettings)).Concat(twice);
    });

    private static IEnumerable<string> Headers(IConfigurationSection section) => Named(section, "Authorization", Text);

    // An empty list could be meant for nobody, and would bind to nothing.
    private static IEnumerable<string> Callers(IConfigurationSection section) => section.Value is ""
        ? [$"{section.Path}: is empty. Name a policy in {section.Path}:0, or leave it out to allow all callers."]
        : List(section);

    // An empty group would not be bound, and if it were the only one, nobody would be restricted.
    private static IEnumerable<string> CallerGroups(IConfigurationSection section) => Named(section, "team:Upstreams:0", group =>
        !string.IsNullOrEmpty(group.Value) ? [Misplaced(group, "an object", "Upstreams:0")]
        : !group.GetChildren().Any() ? [$"{group.Path}: is empty. Say who belongs to the group and what it may reach, or leave it out."]
        : group.GetChildren().SelectMany(setting => Known(setting, CallerSettings)));

    private static IEnumerable<string> Claim(IConfigurationSection section) => string.IsNullOrEmpty(section.Value)
        ? section.GetChildren().SelectMany(setting => Known(setting, ClaimSettings))
        : [Misplaced(section, "an object", nameof(CallerClaim.Type))];

    private static IEnumerable<string> Named(IConfigurationSection section, string example, ShapeCheck check) => string.IsNullOrEmpty(section.Value)
        ? section.GetChildren().SelectMany(child => check(child))
        : [Misplaced(section, "an object", example)];

    // A file's empty list arrives as an empty value.
    private static IEnumerable<string> List(IConfigurationSection section) => string.IsNullOrEmpty(section.Value)
        ? section.GetChildren().SelectMany(Text)
        : [Misplaced(section, "a list", "0")];

    private static IEnumerable<string> Text(IConfigurationSection section) => section.GetChildren().Any()
        ? [$"{section.Path}: holds a list or an object where one value belongs."]
        : [];

    private static IEnumerable<string> Flag(IConfigurationSection section) => Value(section, value =>
        bool.TryParse(value, out _) ? null : "must be true or false.");

    private static IEnumerable<string> Time(IConfigurationSection section) => Value(section, value =>
        !value.Contains(':', StringComparison.Ordinal) ? "a time such as 00:00:10 belongs here; a bare number would count days."
        : TimeSpan.TryParse(value, CultureInfo.InvariantCulture, out _) ? null
        : "must be a time such as 00:00:10.");

    // An empty value stands for the default, as an empty environment variable does.
    private static IEnumerable<string> Value(IConfigurationSection section, Func<string, string?> judge)
    {
        foreach (var error in Text(section))
        {
            yield return error;
        }

        if (section.Value is { Length: > 0 } value && judge(value) is { } fault)
        {
            yield return $"{section.Path}: {fault}";
        }
    }

    private static string Misplaced(IConfigurationSection section, string shape, string example)
    {
        var key = $"{section.Path}:{example}";
        return $"{section.Path}: holds one value where {shape} belongs. Write {key}, in the environment {key.Replace(":", "__", StringComparison.Ordinal)}.";
    }
}
