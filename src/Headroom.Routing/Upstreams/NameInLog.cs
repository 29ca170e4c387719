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

        return Printable(name);
    }

    /// <summary>A text of a caller's without the characters that a log or a terminal would act on.</summary>
    internal static string Printable(ReadOnlySpan<char> text) => string.Create(text.Length, text, static (shown, text) =>
    {
        for (var i = 0; i < text.Length; i++)
        {
            shown[i] = text[i] is >= ' ' and <= '~' ? text[i] : '?';
        }
    });
}
