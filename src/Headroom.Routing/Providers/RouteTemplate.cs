using System.Diagnostics;
using Headroom.Routing.Upstreams;

namespace Headroom.Routing.Providers;

/// <summary>A parsed <see cref="ProviderRoute.Template"/>. Judges decoded segments, without regard to case, as routing in ASP.NET Core does.</summary>
[DebuggerDisplay("{Shape}")]
internal sealed class RouteTemplate
{
    private const string ActionParameter = "action";
    private const string VersionParameter = "version";

    private readonly RouteTemplateSegment[] _segments;
    private readonly bool _openEnded;

    private RouteTemplate(RouteTemplateSegment[] segments, bool openEnded)
    {
        _segments = segments;
        _openEnded = openEnded;
        foreach (var segment in segments)
        {
            Specificity += segment.Specificity;
        }

        // An open-ended template comes last.
        Specificity = (Specificity * 2) + (openEnded ? 0 : 1);
        Shape = string.Concat(segments.Select(segment => "/" + segment.Shape)) + (openEnded ? "/{**}" : "");
    }

    /// <summary>The specificity: it grows with the number of literal segments.</summary>
    internal int Specificity { get; }

    /// <summary>The template without the names of its parameters, in lower case. Routing can't tell two templates of one shape apart.</summary>
    internal string Shape { get; }

    /// <summary>The literal that paths of this template start with, or <see langword="null"/> if that is a parameter.</summary>
    internal string? FirstLiteral => _segments is [{ Parameter: null } first, ..] ? first.Prefix : null;

    /// <exception cref="FormatException">The template is not well-formed.</exception>
    internal static RouteTemplate Parse(string template)
    {
        if (!template.StartsWith('/'))
        {
            throw new FormatException($"The route template '{template}' does not start with a slash.");
        }

        var segments = new List<RouteTemplateSegment>();
        var parts = template[1..].Split('/');
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i].StartsWith("{**", StringComparison.Ordinal) && parts[i].EndsWith('}') && i == parts.Length - 1)
            {
                return new RouteTemplate([.. segments], openEnded: true);
            }

            segments.Add(RouteTemplateSegment.Parse(parts[i])
                ?? throw new FormatException($"The segment '{parts[i]}' of the route template '{template}' is not understood."));
        }

        return new RouteTemplate([.. segments], openEnded: false);
    }

    /// <summary>Whether a path fits, extra slashes skipped.</summary>
    /// <param name="path">The path.</param>
    /// <param name="action">What the parameter <c>action</c> stands for; empty if there is none.</param>
    internal bool Matches(ReadOnlySpan<char> path, out ReadOnlySpan<char> action)
    {
        action = [];
        foreach (var segment in _segments)
        {
            if (path.IsEmpty || !Matches(segment, PathSegments.Take(ref path), out var captured))
            {
                return false;
            }

            action = segment.Parameter == ActionParameter ? captured : action;
        }

        return _openEnded || path.IsEmpty;
    }

    /// <summary>Whether some paths at or below a path fit.</summary>
    internal bool Overlaps(ReadOnlySpan<char> path)
    {
        foreach (var segment in _segments)
        {
            if (path.IsEmpty)
            {
                return true;
            }

            if (!Matches(segment, PathSegments.Take(ref path), out _))
            {
                return false;
            }
        }

        return _openEnded || path.IsEmpty;
    }

    /// <summary>Whether the template has a parameter of a name.</summary>
    internal bool Has(string parameter) => _segments.Any(segment => segment.Parameter == parameter);

    /// <summary>The raw segment that a parameter stands for, in a path that matches; empty if there is none.</summary>
    internal ReadOnlySpan<char> ValueOf(string parameter, ReadOnlySpan<char> path)
    {
        path = PathSegments.SkipExtraSlashes(path);
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

    private static bool Matches(RouteTemplateSegment segment, ReadOnlySpan<char> text, out ReadOnlySpan<char> captured) =>
        segment.Matches(text, out captured)
        && (segment.Parameter != VersionParameter || captured is ['v' or 'V', >= '0' and <= '9', ..]);
}
