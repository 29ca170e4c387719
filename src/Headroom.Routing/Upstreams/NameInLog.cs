namespace Headroom.Routing.Upstreams;

/// <summary>How an upstream's name, as a caller wrote it, is shown to the operator.</summary>
internal static class NameInLog
{
    // Shorter than any provider's key, which somebody may put into the wrong header.
    private const int MaxLength = 30;

    /// <summary>The name without control characters; if it is too long to be one, only its length.</summary>
    internal static string Of(ReadOnlySpan<char> name)
    {
        if (name.Length > MaxLength)
        {
            return $"... ({name.Length} characters)";
        }

        Span<char> shown = stackalloc char[name.Length];
        for (var i = 0; i < name.Length; i++)
        {
            shown[i] = name[i] is >= ' ' and <= '~' ? name[i] : '?';
        }

        return shown.ToString();
    }
}
