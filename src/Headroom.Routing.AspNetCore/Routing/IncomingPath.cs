using System.Diagnostics.CodeAnalysis;
using Headroom.Routing.Upstreams;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Headroom.Routing.AspNetCore.Routing;

/// <summary>Reads a request's path and query as they came on the wire, without the gateway's own prefix. <c>Request.Path</c> is decoded and can't be forwarded.</summary>
internal static class IncomingPath
{
    /// <summary>Reads what is left for the proxy.</summary>
    /// <param name="context">The request.</param>
    /// <param name="endpoint">The endpoint that it was matched to.</param>
    /// <param name="pathAndQuery">The path, without the app's <c>PathBase</c> and the endpoint's prefix, and the query.</param>
    /// <returns>False where the request target is not a path, or is shorter than the prefix.</returns>
    internal static bool TryRead(HttpContext context, RouteEndpoint endpoint, [NotNullWhen(true)] out string? pathAndQuery) =>
        TryRead(context, PrefixLength(endpoint), out pathAndQuery);

    /// <summary>Reads what is left after a prefix of so many segments.</summary>
    internal static bool TryRead(HttpContext context, int prefix, [NotNullWhen(true)] out string? pathAndQuery)
    {
        var request = context.Request;
        pathAndQuery = RawTarget(context);
        var end = pathAndQuery.IndexOf('?', StringComparison.Ordinal);
        var raw = end < 0 ? pathAndQuery : pathAndQuery.AsSpan(0, end);
        if (!raw.StartsWith('/') || (!TryMatch(raw, request, out var path) && prefix > 0) || !TrySkip(ref path, prefix))
        {
            pathAndQuery = null;
            return false;
        }

        // A query that a middleware rewrote counts as it was rewritten.
        var query = request.QueryString.Value.AsSpan();
        if (path.Length + query.Length != pathAndQuery.Length || !path.Overlaps(raw) || !pathAndQuery.AsSpan(path.Length).SequenceEqual(query))
        {
            pathAndQuery = string.Concat(path.IsEmpty ? "/" : path, query);
        }

        return true;
    }

    /// <summary>The request target as it came on the wire.</summary>
    internal static string RawTarget(HttpContext context) =>
        context.Features[typeof(IHttpRequestFeature)] is IHttpRequestFeature { RawTarget: { Length: > 0 } raw }
            ? raw
            // A test server has no wire, and no raw target.
            : context.Request.Path.ToUriComponent() + context.Request.QueryString;

    /// <summary>How many segments of an endpoint's pattern are the gateway's own.</summary>
    internal static int PrefixLength(RouteEndpoint endpoint) =>
        endpoint.RoutePattern.PathSegments.Count - (endpoint.Metadata.GetMetadata<HeadroomEndpointMetadata>()?.Segments ?? 0);

    /// <summary>
    /// Finds the raw form of <c>Request.Path</c>. <c>PathBase</c> is cut from its front only if it is there, because a proxy in front of the app may have cut it
    /// already. A path that a middleware rewrote counts as it was rewritten.
    /// </summary>
    /// <returns>False for a path with dot segments, which the server resolved. It is left as it came, to be refused.</returns>
    private static bool TryMatch(ReadOnlySpan<char> raw, HttpRequest request, out ReadOnlySpan<char> path)
    {
        path = raw;
        if (IsSame(raw, request.Path.Value))
        {
            return true;
        }

        if (TryCut(ref path, request.PathBase.Value) && IsSame(path, request.Path.Value))
        {
            return true;
        }

        var wellFormed = PathRules.Check(raw) is null;
        path = wellFormed ? request.Path.ToUriComponent() : raw;
        return wellFormed;
    }

    private static bool TryCut(ref ReadOnlySpan<char> path, ReadOnlySpan<char> prefix)
    {
        while (prefix.StartsWith('/'))
        {
            if (!path.StartsWith('/') || !IsSame(PathSegments.Take(ref path), PathSegments.Take(ref prefix)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TrySkip(ref ReadOnlySpan<char> path, int segments)
    {
        for (; segments > 0; segments--)
        {
            if (!path.StartsWith('/'))
            {
                return false;
            }

            _ = PathSegments.Take(ref path);
        }

        return true;
    }

    // The server decodes everything but '%2F'.
    private static bool IsSame(ReadOnlySpan<char> raw, ReadOnlySpan<char> matched) =>
        raw.SequenceEqual(matched)
        || (raw.Contains('%')
            && Uri.UnescapeDataString(raw.ToString().Replace("%2F", "%252F", StringComparison.Ordinal).Replace("%2f", "%252f", StringComparison.Ordinal))
                .AsSpan().SequenceEqual(matched));
}
