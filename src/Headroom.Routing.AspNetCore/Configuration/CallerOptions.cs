namespace Headroom.Routing.AspNetCore;

/// <summary>A group of callers, and what they may reach. It takes away from what the app allows everybody and adds nothing to it.</summary>
/// <remarks>
/// Who belongs to the group is told by <see cref="Claim"/>, by <see cref="Policy"/>, or by both together; or by <see cref="Everyone"/>. What the group may
/// reach is told by the other settings, however a request names it: by URL, by name, in a path, or not at all. A caller in several groups may reach what any
/// of them may, and a caller in none may reach nothing.
/// </remarks>
public sealed class CallerOptions
{
    /// <summary>The claim that members of the group have.</summary>
    public CallerClaim? Claim { get; set; }

    /// <summary>
    /// The name of the app's authorization policy that members of the group satisfy. It judges the <see cref="UpstreamTarget"/>, which it may ignore.
    /// </summary>
    public string? Policy { get; set; }

    /// <summary>Whether the group has all callers, authenticated or not.</summary>
    public bool Everyone { get; set; }

    /// <summary>The providers (<c>OpenAI</c>, <c>Anthropic</c>, ...) whose base addresses the group may reach: where requests go that name no upstream.</summary>
    public IList<string> Providers { get; } = [];

    /// <summary>The upstreams that the group may reach, by their names in <see cref="HeadroomOptions.Upstreams"/> or in the catalog.</summary>
    public IList<string> Upstreams { get; } = [];

    /// <summary>
    /// Which URLs the group may reach, written as in <see cref="HeadroomOptions.AllowedUpstreams"/>. An entry with a <c>*</c> in the host reaches public addresses
    /// only, even of an upstream that the operator opened by name.
    /// </summary>
    public IList<string> AllowedUpstreams { get; } = [];

    /// <summary>Whether the group may reach the hosts of the catalog. Off by default.</summary>
    public bool AllowCatalog { get; set; }
}
