namespace Headroom.HostApp;

/// <summary>
/// The settings that there are, by the first part of their name. .NET passes over a name that nobody asks for, and a misspelled one would have no effect
/// without a word. What lies below <c>Headroom</c> is checked by the library.
/// </summary>
internal static class SettingNames
{
    // Besides those in appsettings.json.
    private static readonly string[] Others =
    [
        "$schema", "AllowAnonymous", "Authentication", "DemoUpstream", "Environment", "ForwardedHeaders_Enabled", "Headroom", "Http_Ports", "Https_Ports",
        "Kestrel", "PreferHostingUrls", "Urls",
    ];

    private static readonly Lazy<HashSet<string>> Names = new(() => new ConfigurationBuilder()
        .AddJsonFile(Path.Join(AppContext.BaseDirectory, "appsettings.json")).Build().GetChildren()
        .Select(section => section.Key).Concat(Others).ToHashSet(StringComparer.OrdinalIgnoreCase));

    /// <param name="key">A name such as <c>Headroom:AllowCatalog</c>, or its first part.</param>
    public static bool IsKnown(string key) =>
        Names.Value.Contains(key.Split(':')[0])
        || key.StartsWith("OTEL_", StringComparison.OrdinalIgnoreCase)
        || key.EndsWith("_TARGET_API_URL", StringComparison.OrdinalIgnoreCase);
}
