namespace Headroom.Routing.Upstreams;

/// <summary>
/// Puts an incoming path onto an upstream's base URL. Clients disagree on whether a base URL holds the API's version, so that
/// base and path may each bring one; the rules keep one of them. The order is the contract: the first rule that fits decides.
/// </summary>
internal static class UpstreamJoin
{
    /// <summary>The base, as far as it is kept, and the path that follows it.</summary>
    internal readonly ref struct Parts
    {
        public required string Base { get; init; }
        public required ReadOnlySpan<char> Path { get; init; }
    }

    /// <summary>Joins by the rules.</summary>
    /// <param name="upstream">The base URL.</param>
    /// <param name="path">The incoming path; starts with a slash.</param>
    /// <param name="named">Whether the base is a named upstream, whose path is kept as the operator wrote it.</param>
    /// <param name="anthropic">Whether the request speaks Anthropic's API, whose clients bring their own <c>/v1</c> to any base.</param>
    internal static Parts Split(UpstreamOverride upstream, ReadOnlySpan<char> path, bool named, bool anthropic)
    {
        var basePath = upstream.Path;

        // 1: the client repeats the base's whole path.
        if (basePath.Length > 0 && IsAtOrBelow(path, basePath))
        {
            return new Parts { Base = upstream.Origin, Path = path };
        }

        // 2: a bare host, or a base that ends in the version which the path brings.
        if (!named && (basePath.Length == 0 || upstream.NormalizedPath.Length != basePath.Length))
        {
            return new Parts { Base = upstream.Normalized, Path = path };
        }

        // 3: the base's last segment and the path's first are the same version.
        var last = basePath.AsSpan(basePath.LastIndexOf('/') + 1);
        if (IsVersion(last) && StartsWithSegment(path, last))
        {
            return new Parts { Base = upstream.Verbatim, Path = path[(last.Length + 1)..] };
        }

        // 4: the base holds a version of its own, which stands for the '/v1' that an OpenAI client puts in front.
        if (!anthropic && path.StartsWith("/v1/") && HoldsVersion(basePath))
        {
            return new Parts { Base = upstream.Verbatim, Path = path["/v1".Length..] };
        }

        return new Parts { Base = upstream.Verbatim, Path = path };
    }

    /// <summary>A path less its leading segment, if that is an API's version.</summary>
    internal static ReadOnlySpan<char> SkipVersion(ReadOnlySpan<char> path)
    {
        var rest = path;
        return IsVersion(PathSegments.Take(ref rest)) && !rest.IsEmpty ? rest : path;
    }

    /// <summary>Whether a path is another one or lies below it, by whole segments.</summary>
    internal static bool IsAtOrBelow(ReadOnlySpan<char> path, ReadOnlySpan<char> prefix) =>
        path.StartsWith(prefix) && (path.Length == prefix.Length || path[prefix.Length] == '/');

    private static bool StartsWithSegment(ReadOnlySpan<char> path, ReadOnlySpan<char> segment) =>
        path.Length > segment.Length && path[0] == '/' && IsAtOrBelow(path[1..], segment);

    private static bool HoldsVersion(ReadOnlySpan<char> path)
    {
        foreach (var segment in path.Split('/'))
        {
            if (IsVersion(path[segment]))
            {
                return true;
            }
        }

        return false;
    }

    // 'v' and digits, then perhaps 'alpha' or 'beta' and digits: v1, v4, v1beta, v1alpha2.
    private static bool IsVersion(ReadOnlySpan<char> segment)
    {
        if (segment is not ['v', >= '0' and <= '9', ..])
        {
            return false;
        }

        var rest = segment[1..].TrimStart("0123456789");
        rest = rest.StartsWith("alpha") ? rest["alpha".Length..] : rest.StartsWith("beta") ? rest["beta".Length..] : rest;
        return !rest.ContainsAnyExceptInRange('0', '9');
    }
}
