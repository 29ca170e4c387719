namespace Headroom.Routing;

/// <summary>Where requests may go. Bound from the configuration section <c>Headroom</c>.</summary>
public class HeadroomOptions
{
    /// <summary>The name of the configuration section.</summary>
    public const string SectionName = "Headroom";

    /// <summary>Settings of the providers, by provider name (<c>OpenAI</c>, <c>Anthropic</c>, <c>Gemini</c>, ...), case-insensitive.</summary>
    public IDictionary<string, ProviderOptions> Providers { get; } = new Dictionary<string, ProviderOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The operator's named upstreams: each has a name, which callers put into the header or the path, and a base URL. They may be internal.</summary>
    public IDictionary<string, UpstreamOptions> Upstreams { get; } = new Dictionary<string, UpstreamOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Which URLs callers may name, each <c>[scheme://]host[:port][/path]</c>. An entry with a literal host may be internal;
    /// with a <c>*</c> in the host (<c>https://*</c>, <c>https://*.example.com</c>) it reaches public addresses only.
    /// </summary>
    public IList<string> AllowedUpstreams { get; } = [];

    /// <summary>Whether the hosts of the built-in catalog of known providers may be named, by name or URL, over https. On by default.</summary>
    public bool AllowCatalog { get; set; } = true;

    /// <summary>
    /// Whether wildcard entries and the catalog may be reached through an egress proxy (<c>HTTPS_PROXY</c>). Off by default. Behind a proxy, the
    /// address that a name resolves to can't be judged here, so the proxy must refuse internal addresses and all of these requests must go through it.
    /// </summary>
    public bool TrustEgressProxy { get; set; }

    /// <summary>The path below which the header's URL is used verbatim: <c>{VerbatimMount}/REST</c> goes to the header's URL + <c>/REST</c>. An empty value turns it off. The proxy reads it at start.</summary>
    public string VerbatimMount { get; set => field = value ?? ""; } = "/upstream"; // a file may hold null

    /// <summary>Whether a provider is not switched off.</summary>
    internal bool IsEnabled(string provider) => !Providers.TryGetValue(provider, out var settings) || settings?.Enabled != false;
}
