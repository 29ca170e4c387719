namespace Headroom.Routing;

/// <summary>
/// The operator's settings of one provider. The base address replaces the provider's own, for requests without an override; if it is absent or empty,
/// the provider's own is used.
/// </summary>
public sealed class ProviderOptions : UpstreamOptions
{
    /// <summary>
    /// Whether requests go to the provider by default. On by default. If it is off, the provider has no base address and no routes, and a request that only
    /// its path or its credentials lead there goes nowhere. The resolver heeds a change at once; routes are mapped at start.
    /// </summary>
    public bool Enabled { get; set; } = true;
}
