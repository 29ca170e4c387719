using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.AspNetCore.ResponseCaching;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>
/// An answer belongs to the caller who asked for it. The app's caches don't know which headers an upstream tells callers apart by, and a
/// status code page would send the request again on another path, with its override header and without its body.
/// </summary>
/// <remarks>Here and wherever each request passes, features are looked up by type: <c>Get</c> costs as much again, for a feature that is missing in particular.</remarks>
internal static class UnsharedAnswer
{
    private static readonly OutputCacheAttribute NoOutputCache = new() { NoStore = true };
    private static readonly NoStatusCodePages NoPages = new();

    /// <summary>Marks an endpoint. This must be the last of its conventions, because only the last output cache attribute counts.</summary>
    internal static void Mark(EndpointBuilder endpoint)
    {
        endpoint.Metadata.Add(NoOutputCache);
        endpoint.Metadata.Add(NoPages);
    }

    /// <summary>Keeps the output cache from storing the answer even if it runs before routing and could not see the endpoint's mark.</summary>
    internal static void KeepFromOutputCache(HttpContext context)
    {
        if (context.Features[typeof(IOutputCacheFeature)] is IOutputCacheFeature { Context: var caching })
        {
            caching.AllowCacheStorage = false;
        }
    }

    /// <summary>
    /// Keeps the response cache from storing the answer. That cache reads no metadata, only the answer's headers, and it never stores
    /// what carries 'Vary: *'.
    /// </summary>
    internal static void KeepFromResponseCache(HttpContext context)
    {
        if (context.Features[typeof(IResponseCachingFeature)] is not null)
        {
            context.Response.Headers.Vary = "*";
        }
    }

    private sealed class NoStatusCodePages : ISkipStatusCodePagesMetadata;
}
