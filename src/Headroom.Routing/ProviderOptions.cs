namespace Headroom.Routing;

/// <summary>The operator's settings of one provider.</summary>
public sealed class ProviderOptions
{
    /// <summary>The base URL that replaces the provider's own, for requests without an override. If it is absent or empty, the provider's own is used.</summary>
    public string? BaseAddress { get; set; }
}
