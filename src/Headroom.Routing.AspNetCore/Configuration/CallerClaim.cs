namespace Headroom.Routing.AspNetCore;

/// <summary>A claim that tells callers apart.</summary>
public sealed class CallerClaim
{
    /// <summary>The claim's type, such as <c>tenant</c>, in any case.</summary>
    public string Type { get; set; } = "";

    /// <summary>The claim's value, compared to the letter; <see langword="null"/> for any value.</summary>
    public string? Value { get; set; }
}
