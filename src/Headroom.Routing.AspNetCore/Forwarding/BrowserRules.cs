using Headroom.Routing.AspNetCore.Configuration;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>
/// Decides which web pages may call the proxy. A page of any site can make a person's browser call a proxy on their own machine, and only the browser tells,
/// by <c>Origin</c>, <c>Sec-Fetch-Mode</c> and <c>Sec-Fetch-Site</c> (Fetch standard; Fetch Metadata).
/// </summary>
/// <remarks>
/// Where the app's CORS policy covers the endpoint, it decides about origins. CORS itself only keeps a page from reading an answer: the request was served,
/// and paid for, by then. And it is about neither navigations nor WebSockets.
/// </remarks>
internal sealed class BrowserRules
{
    private static readonly string[] ApplicationSchemes = ["app", "file", "tauri", "vscode-webview", "vscode-file"];

    private readonly HashSet<string> _allowed;
    private readonly bool _allowAll;

    internal BrowserRules(IEnumerable<string> allowed)
    {
        _allowed = allowed.Select(text => WebOrigin.TryParse(text, out var origin) ? origin : text).ToHashSet(StringComparer.OrdinalIgnoreCase);
        _allowAll = _allowed.Contains(WebOrigin.Any);
    }

    internal bool Refuses(HttpRequest request)
    {
        var origin = request.Headers.Origin;
        // A preflight is for the gateway and not for the upstream. One that arrives here was not answered by the app's CORS policy.
        if (origin.Count > 0 && HttpMethods.IsOptions(request.Method) && request.Headers.ContainsKey(HeaderNames.AccessControlRequestMethod))
        {
            return true;
        }

        if (_allowAll)
        {
            return false;
        }

        return origin.Count switch
        {
            0 => IsNavigation(request) || IsCrossSite(request),
            1 => !_allowed.Contains(origin.ToString()) && (IsNavigation(request) || !MayCall(origin.ToString(), request)),
            _ => true,
        };
    }

    // A link or a form of a web page, whatever its origin. No API client sends that.
    private static bool IsNavigation(HttpRequest request) =>
        string.Equals(request.Headers["Sec-Fetch-Mode"], "navigate", StringComparison.OrdinalIgnoreCase);

    // An image or a script of another site's page, which the browser fetches without an Origin. No API client sends that.
    private static bool IsCrossSite(HttpRequest request) =>
        string.Equals(request.Headers["Sec-Fetch-Site"], "cross-site", StringComparison.OrdinalIgnoreCase);

    private static bool MayCall(string origin, HttpRequest request)
    {
        var uri = Uri.TryCreate(origin, UriKind.Absolute, out var parsed) ? parsed : null;
        return (uri is not null && IsOwn(uri, request))
            || (CorsDecision.AllowsOriginOf(request.HttpContext) ?? (uri is not null && IsLocal(uri)));
    }

    private static bool IsOwn(Uri origin, HttpRequest request) =>
        origin.Scheme is "http" or "https"
        && string.Equals($"{request.Scheme}://{request.Host.Value}", origin.OriginalString, StringComparison.OrdinalIgnoreCase);

    private static bool IsLocal(Uri origin) =>
        Array.IndexOf(ApplicationSchemes, origin.Scheme) >= 0
        || (origin.Scheme is "http" or "https" && (origin.IsLoopback || origin.IdnHost.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)));
}
