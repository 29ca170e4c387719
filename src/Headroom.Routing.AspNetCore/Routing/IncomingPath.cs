using System.Diagnostics.CodeAnalysis;
using Headroom.Routing.Upstreams;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Headroom.Routing.AspNetCore.Routing;

/// <summary>Cuts the gateway's own prefix from the request target as it came on the wire. <c>Request.Path</c> is decoded and would not do.</summary>
internal static class IncomingPath
{
    /// <summary>Reads the target that is left for the proxy.</summary>
    /// <param name="context">The request.</param>
    /// <param name="endpoint">The endpoint that it was matched to.</param>
    /// <param name="target">The rest of the target.</param>
    /// <returns>False where the target is not a path, or its first segments are not the prefix that routing saw.</returns>
    internal static bool TryRead(HttpContext context, RouteEndpoint endpoint, [NotNullWhen(true)] out string? target)
    {
        target = context.Features.Get<IHttpRequestFeature>()?.RawTarget;
        if (string.IsNullOrEmpty(target))
        {
            // A test server has no wire, and no raw target.
            target = context.Request.PathBase.Add(context.Request.Path).ToUriComponent() + context.Request.QueryString;
        }

        if (target is not ['/', ..])
        {
            target = null;
            return false;
        }

        var own = endpoint.Metadata.GetMetadata<HeadroomEndpointMetadata>()?.Segments ?? 0;
        var prefix = endpoint.RoutePattern.PathSegments.Count - own;
        if (prefix == 0 && !context.Request.PathBase.HasValue)
        {
            return true;
        }

        var end = target.IndexOf('?', StringComparison.Ordinal);
        var path = end < 0 ? target : target.AsSpan(0, end);
        if (!TryCut(ref path, context.Request.PathBase, int.MaxValue) || !TryCut(ref path, context.Request.Path, prefix))
        {
            target = null;
            return false;
        }

        var query = end < 0 ? [] : target.AsSpan(end);
        target = path.IsEmpty ? string.Concat("/", query) : string.Concat(path, query);
        return true;
    }

    // Each segment that is cut must be, decoded, the one that routing matched: a middleware may have rewritten the path.
    private static bool TryCut(ref ReadOnlySpan<char> path, PathString matched, int count)
    {
        var rest = matched.Value.AsSpan();
        for (; count > 0 && rest is ['/', ..]; count--)
        {
            if (path is not ['/', ..] || !IsSame(PathSegments.Take(ref path), PathSegments.Take(ref rest)))
            {
                return false;
            }
        }

        return true;
    }

    // The server decodes everything but '%2F'.
    private static bool IsSame(ReadOnlySpan<char> raw, ReadOnlySpan<char> matched) =>
        raw.SequenceEqual(matched)
        || (raw.Contains('%')
            && Uri.UnescapeDataString(raw.ToString().Replace("%2F", "%252F", StringComparison.OrdinalIgnoreCase)).AsSpan()
                .Equals(matched, StringComparison.OrdinalIgnoreCase));
}
