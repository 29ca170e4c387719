using System.Diagnostics.CodeAnalysis;
using Headroom.Routing.AspNetCore.Configuration;
using Headroom.Routing.AspNetCore.Explaining;
using Headroom.Routing.AspNetCore.Forwarding;
using Headroom.Routing.AspNetCore.Page;
using Headroom.Routing.AspNetCore.Routing;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the proxy's routes, the endpoint that explains where they lead, and the page that shows their requests.</summary>
public static class HeadroomEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps every provider's routes, the verbatim mount, <c>/@name</c> paths and, unless it is turned off, a catch-all.
    /// The app's own endpoints win over them.
    /// </summary>
    /// <param name="endpoints">The app, or a group of its endpoints.</param>
    /// <param name="prefix">The path below which the routes are mapped, such as <c>/llm</c>. It is a route pattern.</param>
    /// <returns>A builder for all of the routes: <c>RequireAuthorization()</c>, <c>RequireRateLimiting(...)</c>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="InvalidOperationException"><c>AddHeadroomProxy()</c> was not called, or a client lost its guard.</exception>
    /// <exception cref="OptionsValidationException">The options hold errors; each is named by its configuration key.</exception>
    public static IEndpointConventionBuilder MapHeadroomRoutes(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(prefix);

        var endpoint = GetEndpoint<ForwardingEndpoint>(endpoints, nameof(MapHeadroomRoutes));
        var state = endpoints.ServiceProvider.GetRequiredService<CurrentOptions>();
        var group = endpoints.MapGroup(prefix);
        var noTimeout = new DisableRequestTimeoutAttribute();
        foreach (var template in RouteTable.Templates(state.Providers, state.Options))
        {
            // All methods are forwarded, and WebSockets over HTTP/2 arrive as CONNECT, so no method is given.
            var route = group.Map(template.Pattern, endpoint.InvokeAsync)
                .WithDisplayName($"Headroom {prefix}{template.Pattern}")
                .WithMetadata(template.Metadata, noTimeout);
            route.Add(builder => ((RouteEndpointBuilder)builder).Order = template.Order);
            route.Finally(LiftSizeLimit);
            route.Finally(UnsharedAnswer.Mark);
        }

        return group;
    }

    /// <summary>
    /// Maps an endpoint that explains instead of forwarding: a request for <c>/headroom/explain/REST</c>, with any method, is answered by what would become of the
    /// same request for <c>/REST</c> (less the prefix of <see cref="MapHeadroomRoutes"/>), in JSON. Nothing is sent, and no name is resolved unless the query holds
    /// <c>dns=true</c>, which is for this endpoint alone and does not count as the request's own.
    /// </summary>
    /// <remarks>
    /// The answer names settings and internal upstreams, and by <c>dns=true</c> a caller can find out which names exist in this network and where they lead. Web
    /// pages that may not call the proxy may not ask either, but outside of development, add <c>RequireAuthorization()</c>.
    /// </remarks>
    /// <param name="endpoints">The app, or a group of its endpoints.</param>
    /// <param name="prefix">The path below which requests are explained. It is a route pattern.</param>
    /// <returns>A builder for the endpoint: <c>RequireAuthorization()</c>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="InvalidOperationException"><c>AddHeadroomProxy()</c> was not called.</exception>
    /// <exception cref="OptionsValidationException">The options hold errors; each is named by its configuration key.</exception>
    public static IEndpointConventionBuilder MapHeadroomExplain(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string prefix = "/headroom/explain")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(prefix);

        var explain = GetEndpoint<ExplainEndpoint>(endpoints, nameof(MapHeadroomExplain));
        var route = endpoints.MapGroup(prefix).Map(ExplainEndpoint.Pattern, explain.InvokeAsync)
            .WithDisplayName($"Headroom {prefix}")
            .WithMetadata(explain);
        route.Finally(UnsharedAnswer.Mark);
        return route;
    }

    /// <summary>
    /// Maps a page that shows the last requests while they run: where each goes and why, or why it goes nowhere. If <see cref="MapHeadroomExplain"/> is mapped too, it
    /// has a form to ask about a request without sending it. It shows no query, no header, nothing of a path below a mount and, of a URL that a caller chose, the origin.
    /// </summary>
    /// <remarks>
    /// Until the app adds authorization of its own (<c>RequireAuthorization()</c>), the page answers only callers at a loopback address that call it by a loopback host name.
    /// It never answers the scripts of other sites. No request is kept before a page is mapped, and then the last 200 are.
    /// </remarks>
    /// <param name="endpoints">The app, or a group of its endpoints.</param>
    /// <param name="pattern">Where the page is. It is a route pattern.</param>
    /// <returns>A builder for the page, its files and its events: <c>RequireAuthorization()</c>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="InvalidOperationException"><c>AddHeadroomProxy()</c> was not called.</exception>
    public static IEndpointConventionBuilder MapHeadroomPage(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern = "/headroom")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);

        var page = GetEndpoint<LivePage>(endpoints, nameof(MapHeadroomPage));
        var group = endpoints.MapGroup(pattern);
        page.Map(group);
        return group;
    }

    private static T GetEndpoint<T>(IEndpointRouteBuilder endpoints, string caller)
        where T : class =>
        endpoints.ServiceProvider.GetService<T>()
        ?? throw new InvalidOperationException($"{caller}() needs the proxy's services: call builder.Services.AddHeadroomProxy() before the app is built.");

    // The last metadata counts, and an app adds its own limit to the group before the routes have theirs, so this runs last.
    private static void LiftSizeLimit(EndpointBuilder endpoint)
    {
        if (!endpoint.Metadata.OfType<IRequestSizeLimitMetadata>().Any())
        {
            endpoint.Metadata.Add(NoRequestSizeLimit.Instance);
        }
    }
}
