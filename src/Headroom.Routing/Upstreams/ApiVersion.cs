namespace Headroom.Routing.Upstreams;

/// <summary>Finds the segments of a path that are an API's version: <c>v1</c>, <c>v4</c>, <c>v1beta</c>, <c>v1alpha2</c>.</summary>
internal static class ApiVersion
{
    /// <summary>Whether a segment is <c>v</c> and digits, then perhaps <c>alpha</c> or <c>beta</c> and digits.</summary>
    internal static bool IsVersion(ReadOnlySpan<char> segment)
    {
        if (segment is not ['v', >= '0' and <= '9', ..])
        {
            return false;
        }

        var rest = segment[1..].TrimStart("0123456789");
        rest = rest.StartsWith("alpha") ? rest["alpha".Length..] : rest.StartsWith("beta") ? rest["beta".Length..] : rest;
        return !rest.ContainsAnyExceptInRange('0', '9');
    }

    /// <summary>Whether one of a path's segments is a version.</summary>
    internal static bool IsIn(ReadOnlySpan<char> path)
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

    /// <summary>A path without its leading segment, if that is a version.</summary>
    internal static ReadOnlySpan<char> Skip(ReadOnlySpan<char> path)
    {
        var rest = path;
        return IsVersion(PathSegments.Take(ref rest)) && !rest.IsEmpty ? rest : path;
    }
}
