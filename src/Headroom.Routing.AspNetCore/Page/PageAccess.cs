using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace Headroom.Routing.AspNetCore.Page;

/// <summary>
/// Decides who may see the page. Without authorization of the app's own, a person at the gateway's own machine, and nobody who was led there by a name that
/// was rebound to a loopback address. In either case no page of another site.
/// </summary>
internal static class PageAccess
{
    internal const string OfThisMachineAlone =
        "This page is for callers on the gateway's own machine, at a loopback address. To open it to others, require authorization: app.MapHeadroomPage().RequireAuthorization().";

    internal const string OfThisSiteAlone = "Pages of other sites may not use this.";

    // A proxy on the same machine makes every caller look like a local one.
    private static readonly string[] ForwardedHeaders = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP"];

    /// <summary>Judges a request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="allowLinks">Whether pages of other sites may link here. They see nothing of what the link leads to.</param>
    /// <returns>Why it is refused; <see langword="null"/> if it is not.</returns>
    internal static string? WhyRefused(HttpContext context, bool allowLinks) =>
        !HasAuthorization(context) && !IsLocal(context) ? OfThisMachineAlone
        : IsOfThisSite(context.Request) || (allowLinks && IsLink(context.Request)) ? null
        : OfThisSiteAlone;

    private static bool HasAuthorization(HttpContext context) =>
        context.GetEndpoint()?.Metadata is { } metadata
        && metadata.GetMetadata<IAuthorizeData>() is not null
        && metadata.GetMetadata<IAllowAnonymous>() is null;

    private static bool IsLocal(HttpContext context) =>
        IsLoopback(context.Connection.RemoteIpAddress)
        && IsLoopback(context.Request.Host.Host)
        && !ForwardedHeaders.Any(context.Request.Headers.ContainsKey);

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IsLoopback(address));

    // IsLoopback alone does not know ::ffff:127.0.0.2.
    private static bool IsLoopback(IPAddress? address) =>
        address is not null && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    // Fetch Metadata; Fetch standard. Browsers that send no Sec-Fetch-Site send an Origin with what another site's script asks for.
    private static bool IsOfThisSite(HttpRequest request) =>
        request.Headers["Sec-Fetch-Site"].ToString() is "" or "same-origin" or "none"
        && request.Headers.Origin.ToString() is var origin
        && (origin.Length == 0 || origin.Equals($"{request.Scheme}://{request.Host.Value}", StringComparison.OrdinalIgnoreCase));

    private static bool IsLink(HttpRequest request) =>
        request.Headers["Sec-Fetch-Mode"] == "navigate" && request.Headers["Sec-Fetch-Dest"] == "document" && request.Headers.Origin.Count == 0;
}
