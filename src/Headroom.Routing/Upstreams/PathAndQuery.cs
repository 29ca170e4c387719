namespace Headroom.Routing.Upstreams;

/// <summary>A request's path and query as they came, percent-encoding untouched, checked to hold nothing that an upstream may read otherwise.</summary>
internal readonly struct PathAndQuery
{
    private readonly string _value;
    private readonly int _start;
    private readonly int _query;

    private PathAndQuery(string value, int start, int query)
    {
        _value = value;
        _start = start;
        _query = query;
    }

    /// <summary>The path; empty, or starting with a slash.</summary>
    public ReadOnlySpan<char> Path => _value.AsSpan(_start, _query - _start);

    /// <summary>The query with its leading question mark, or empty.</summary>
    public ReadOnlySpan<char> Query => _value.AsSpan(_query);

    /// <summary>The first segment of the path, without slashes.</summary>
    public ReadOnlySpan<char> FirstSegment
    {
        get
        {
            var path = Path;
            return path.IsEmpty ? path : PathSegments.Take(ref path);
        }
    }

    /// <summary>Splits a raw request target (RFC 9112, section 3.2.1: origin form) without judging it.</summary>
    public static PathAndQuery Split(string value)
    {
        var query = value.IndexOf('?', StringComparison.Ordinal);
        return new PathAndQuery(value, 0, query < 0 ? value.Length : query);
    }

    /// <summary>Why this target may not be sent on, or <see langword="null"/>.</summary>
    public Refusal? Check() =>
        Path.StartsWith('/') ? PathRules.Check(Path) ?? PathRules.CheckQuery(Query) : NotOriginForm;

    /// <summary>The same target less its first segment.</summary>
    public PathAndQuery SkipSegment() => new(_value, _start + 1 + FirstSegment.Length, _query);

    private static readonly Refusal NotOriginForm = Refusal.Invalid("The request target does not start with a slash.");
}
