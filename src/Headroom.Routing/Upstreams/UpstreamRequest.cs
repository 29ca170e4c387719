namespace Headroom.Routing.Upstreams;

/// <summary>What decides where a request goes: its method, its path and query as they came, and what its headers say.</summary>
internal ref struct UpstreamRequest
{
    private static readonly Refusal NotOriginForm = Refusal.Invalid("The request target does not start with a slash.");

    /// <summary>Splits a raw request target (RFC 9112, section 3.2.1: origin form) without judging it.</summary>
    internal UpstreamRequest(string method, string pathAndQuery, RequestHeaders headers)
    {
        var query = pathAndQuery.IndexOf('?', StringComparison.Ordinal);
        Method = method;
        Path = query < 0 ? pathAndQuery : pathAndQuery.AsSpan(0, query);
        Query = query < 0 ? [] : pathAndQuery.AsSpan(query);
        Headers = headers;
    }

    internal string Method { get; }

    /// <summary>The path; empty, or starting with a slash. Shortened where its front names the upstream.</summary>
    internal ReadOnlySpan<char> Path { get; set; }

    /// <summary>The query with its leading question mark, or empty.</summary>
    internal ReadOnlySpan<char> Query { get; }

    internal RequestHeaders Headers { get; }

    /// <summary>The refusal for a path or query that an upstream may read otherwise, or <see langword="null"/>.</summary>
    internal readonly Refusal? Check() =>
        Path.StartsWith('/') ? PathRules.Check(Path) ?? PathRules.CheckQuery(Query) : NotOriginForm;
}
