using Headroom.Routing.AspNetCore.Journal;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Routing;

namespace Headroom.Routing.AspNetCore.Page;

/// <summary>Maps the page, its files and its events.</summary>
internal sealed class LivePage(RequestJournal journal, PageEvents events)
{
    // Callers choose much of what the page shows, so nothing in it may become a script, whatever its own code does.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    internal void Map(RouteGroupBuilder group)
    {
        journal.TurnOn();
        Map(group, "/", WriteAsync, allowLinks: true);
        foreach (var asset in PageAsset.Others)
        {
            Map(group, $"/{asset.Name}", asset.WriteAsync);
        }

        Map(group, "/events", events.InvokeAsync);
    }

    private static void Map(RouteGroupBuilder group, string pattern, RequestDelegate respond, bool allowLinks = false) =>
        group.MapGet(pattern, context => RespondAsync(context, respond, allowLinks))
            .WithDisplayName($"Headroom page {pattern}")
            .WithMetadata(new DisableRequestTimeoutAttribute());

    private static Task RespondAsync(HttpContext context, RequestDelegate respond, bool allowLinks)
    {
        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (PageAccess.WhyRefused(context, allowLinks) is not { } refusal)
        {
            return respond(context);
        }

        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(refusal, context.RequestAborted);
    }

    // The page's files are named relative to it, so that it may lie below any path, and behind a proxy that cuts one off.
    private static Task WriteAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.Path.Value!.EndsWith('/'))
        {
            return PageAsset.Html.WriteAsync(context);
        }

        var path = request.PathBase.Add(request.Path).ToUriComponent();
        context.Response.Redirect($".{path[path.LastIndexOf('/')..]}/");
        return Task.CompletedTask;
    }
}
