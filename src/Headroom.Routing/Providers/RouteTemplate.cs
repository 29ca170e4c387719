using Headroom.Routing.Upstreams;

namespace Headroom.Routing.Providers;

/// <summary>A parsed <see cref="ProviderRoute.Template"/>. Judges decoded segments, without regard to case, as routing in ASP.NET Core does.</summary>
internal sealed class RouteTemplate
{
    private const string ActionParameter = "action";
    private const string VersionParameter = "version";

    private readonly string[] _methods;
    private readonly string[] _actions;
    private readonly Segment[] _segments;
    private readonly bool _openEnded;

    private RouteTemplate(ProviderRoute route, Segment[] segments, bool openEnded)
    {
        _methods = [.. route.Methods];
        _actions = [.. route.Actions];
        _segments = segments;
        _openEnded = openEnded;
        foreach (var segment in segments)
        {
            Specificity += segment.Parameter is null ? 100 : segment.Prefix.Length + segment.Separator.Length > 0 ? 10 : 1;
        }

        // Of two equal templates the one with a condition is asked first; an open end is the last resort.
        Specificity = (Specificity * 4) + (openEnded ? 0 : 2) + (route.When is null && route.Unless is null ? 0 : 1);
    }

    /// <summary>The more of a path is told by literals, the more specific.</summary>
    internal int Specificity { get; }

    /// <summary>The literal that paths of this template start with, or <see langword="null"/> if that is a parameter.</summary>
    internal string? FirstLiteral => _segments is [{ Parameter: null } first, ..] ? first.Prefix : null;

    /// <exception cref="FormatException">The template is not well-formed.</exception>
    internal static RouteTemplate Parse(ProviderRoute route)
    {
        var template = route.Template;
        if (!template.StartsWith('/'))
        {
            throw new FormatException($"The route template '{template}' does not start with a slash.");
        }

        var segments = new List<Segment>();
        var parts = template[1..].Split('/');
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i].StartsWith("{**", StringComparison.Ordinal) && parts[i].EndsWith('}') && i == parts.Length - 1)
            {
                return new RouteTemplate(route, [.. segments], openEnded: true);
            }

            segments.Add(Segment.Parse(parts[i])
                ?? throw new FormatException($"The segment '{parts[i]}' of the route template '{template}' is not understood."));
        }

        return new RouteTemplate(route, [.. segments], openEnded: false);
    }

    /// <summary>A segment as routing sees it. What is sent stays as it came.</summary>
    internal static ReadOnlySpan<char> Decode(ReadOnlySpan<char> segment) => segment.Contains('%') ? Uri.UnescapeDataString(segment) : segment;

    /// <summary>A path as it is judged: some clients put a slash too many in front of it (the Live API's WebSocket). It is sent as it came.</summary>
    internal static ReadOnlySpan<char> SkipExtraSlashes(ReadOnlySpan<char> path) =>
        path is ['/', ..] ? path[(path.Length - path.TrimStart('/').Length - 1)..] : path;

    internal bool Matches(string method, ReadOnlySpan<char> path)
    {
        if (!IsAmong(method, _methods))
        {
            return false;
        }

        var rest = path;
        foreach (var segment in _segments)
        {
            if (rest.IsEmpty || !segment.Matches(PathSegments.Take(ref rest), out var captured) || !IsAccepted(segment, captured))
            {
                return false;
            }
        }

        return _openEnded || rest.IsEmpty;
    }

    /// <summary>The raw segment that a parameter stands for, in a path that matches.</summary>
    internal ReadOnlySpan<char> ValueOf(string parameter, ReadOnlySpan<char> path)
    {
        path = SkipExtraSlashes(path);
        foreach (var segment in _segments)
        {
            if (path.IsEmpty)
            {
                break;
            }

            var value = PathSegments.Take(ref path);
            if (segment.Parameter == parameter)
            {
                return value;
            }
        }

        return [];
    }

    private bool IsAccepted(Segment segment, ReadOnlySpan<char> captured)
    {
        if (segment.Parameter == VersionParameter)
        {
            return captured is ['v' or 'V', >= '0' and <= '9', ..];
        }

        return segment.Parameter != ActionParameter || IsAmong(captured, _actions);
    }

    private static bool IsAmong(ReadOnlySpan<char> value, string[] accepted)
    {
        foreach (var one in accepted)
        {
            if (value.Equals(one, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return accepted.Length == 0;
    }

    /// <summary>A literal, or a parameter with what stands before it; in <c>{model}:{action}</c> the parameter is the last one.</summary>
    private sealed record Segment(string Prefix, string Separator, string? Parameter)
    {
        internal static Segment? Parse(string text)
        {
            if (!text.Contains('{', StringComparison.Ordinal))
            {
                return text.Contains('}', StringComparison.Ordinal) || text.Length == 0 ? null : new Segment(text, "", null);
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
                return new Segment(before, "", name);
            }

            var close = before.IndexOf('}', StringComparison.Ordinal);
            return close > other && before.LastIndexOf('{') == other && close + 1 < before.Length
                ? new Segment(before[..other], before[(close + 1)..], name)
                : null;
        }

        internal bool Matches(ReadOnlySpan<char> segment, out ReadOnlySpan<char> captured)
        {
            captured = Decode(segment);
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
}
