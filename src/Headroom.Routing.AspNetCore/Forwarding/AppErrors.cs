using Headroom.Routing.AspNetCore.Configuration;
using Headroom.Routing.AspNetCore.Errors;
using Headroom.Routing.AspNetCore.Routing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>
/// Gives a body in the client's dialect to errors that the app's own middleware makes on the proxy's endpoints: authentication, authorization, rate limits.
/// </summary>
/// <remarks>
/// A startup filter, because an app's authentication and authorization may be put before everything that the app adds to its pipeline itself.
/// </remarks>
internal sealed class AppErrors(CurrentOptions options) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(rest => context => InvokeAsync(context, rest));
        next(app);
    };

    private async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);
        if (context.GetEndpoint() is RouteEndpoint endpoint
            && endpoint.Metadata.GetMetadata<HeadroomEndpointMetadata>() is not null
            && IsOfTheApp(context)
            && IsBareError(context.Response))
        {
            var decision = RequestDecision.Decide(context, endpoint, options.Current.Resolver);
            await ErrorWriter.WriteAsync(context, ProxyError.ForApp(context.Response.StatusCode), decision.Dialect);
        }
    }

    // The endpoint leaves its decision here. What an upstream or the proxy itself answered is not touched, with or without a body.
    private static bool IsOfTheApp(HttpContext context) => context.Features.Get<UpstreamDecision>() is null;

    private static bool IsBareError(HttpResponse response) =>
        !response.HasStarted
        && response.StatusCode >= StatusCodes.Status400BadRequest
        && response.ContentLength is null or 0
        && string.IsNullOrEmpty(response.ContentType);
}
