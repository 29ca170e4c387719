using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Headroom.Routing.AspNetCore.Configuration;

/// <summary>The name of a header (a token of RFC 9110, section 5.6.2), or the beginning of names with a <c>*</c> after it.</summary>
internal static class HeaderPattern
{
    // A token may contain '*', but no real header does, so here it stands for any rest.
    private static readonly SearchValues<char> Letters =
        SearchValues.Create("!#$%&'+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    /// <summary>Reads a pattern, without the spaces around it.</summary>
    internal static bool TryParse(string? text, [NotNullWhen(true)] out string? pattern)
    {
        pattern = text?.Trim();
        var name = pattern is [.., '*'] ? pattern.AsSpan()[..^1] : pattern;
        if (name.IsEmpty || name.ContainsAnyExcept(Letters))
        {
            pattern = null;
        }

        return pattern is not null;
    }
}
