using Microsoft.Extensions.Primitives;

namespace Headroom.Routing;

/// <summary>A header that tells whose API a request is for.</summary>
/// <param name="Header">The header's name, in any case.</param>
/// <param name="ValuePrefix">What one of its values starts with, without regard to case; <see langword="null"/> if the header's presence is enough.</param>
/// <param name="Order">Where several credentials fit, the one with the lowest order decides, then the one with the longest prefix.</param>
public sealed record ProviderCredential(string Header, string? ValuePrefix = null, int Order = 0)
{
    internal bool IsPresent(IDictionary<string, StringValues> headers)
    {
        if (!headers.TryGetValue(Header, out var values))
        {
            return false;
        }

        foreach (var value in values)
        {
            if (ValuePrefix is null ? !string.IsNullOrWhiteSpace(value) : value is not null && value.StartsWith(ValuePrefix, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
