namespace Headroom.Routing;

/// <summary>The operator's settings of one provider.</summary>
public sealed class ProviderOptions
{
    /// <summary>The base URL that replaces the provider's own, for requests without an override. Absent or empty: the provider's own.</summary>
    public string? BaseAddress { get; set; }
}
