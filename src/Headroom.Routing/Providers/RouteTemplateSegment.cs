using Headroom.Routing.Upstreams;

namespace Headroom.Routing.Providers;

/// <summary>A literal, or a parameter with what stands before it; in <c>{model}:{action}</c> the parameter is the last one.</summary>
/// <param name="Prefix">The literal that the segment starts with.</param>
/// <param name="Separator">The literal between two parameters.</param>
/// <param name="Parameter">The last parameter's name; <see langword="null"/> for a literal.</param>
internal sealed record RouteTemplateSegment(string Prefix, string Separator, string? Parameter)
{
    /// <summary>The more of a segment is literal, the more specific.</summary>
    internal int Specificity => Parameter is null ? 100 : Prefix.Length + Separator.Length > 0 ? 10 : 1;

    /// <summary>The segment without the names of its parameters, in lower case.</summary>
    internal string Shape => (Parameter is null ? Prefix : Separator.Length > 0 ? $"{Prefix}{{}}{Separator}{{}}" : $"{Prefix}{{}}").ToLowerInvariant();

    internal static RouteTemplateSegment? Parse(string text)
    {
        if (!text.Contains('{', StringComparison.Ordinal))
        {
            return text.Contains('}', StringComparison.Ordinal) || text.Length == 0 ? null : new RouteTemplateSegment(text, "", null);
        }

        var open = text.LastIndexOf('{');
        if (!text.EndsWith('}') || text[(open + 1)..^1] is not { Length: > 0 } name || !name.All(char.IsAsciiLetterOrDigit))
        {
            return null;
        }

        var before = text[..open];
        var other = before.IndexOf('{', StringComparison.Ordinal);
        if (other < 0)
        {
            return new RouteTemplateSegment(before, "", name);
        }

        var close = before.IndexOf('}', StringComparison.Ordinal);
        return close > other && before.LastIndexOf('{') == other && close + 1 < before.Length
            ? new RouteTemplateSegment(before[..other], before[(close + 1)..], name)
            : null;
    }

    internal bool Matches(ReadOnlySpan<char> segment, out ReadOnlySpan<char> captured)
    {
        captured = PathSegments.Decode(segment);
        if (Parameter is null)
        {
            return captured.Equals(Prefix, StringComparison.OrdinalIgnoreCase);
        }

        if (!captured.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        captured = captured[Prefix.Length..];
        if (Separator.Length > 0)
        {
            var separator = captured.LastIndexOf(Separator, StringComparison.OrdinalIgnoreCase);
            if (separator <= 0)
            {
                return false;
            }

            captured = captured[(separator + Separator.Length)..];
        }

        return !captured.IsEmpty;
    }
}
