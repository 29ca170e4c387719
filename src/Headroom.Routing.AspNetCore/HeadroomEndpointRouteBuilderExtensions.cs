using System.Diagnostics.CodeAnalysis;
using Headroom.Routing.AspNetCore.Configuration;
using Headroom.Routing.AspNetCore.Forwarding;
using Headroom.Routing.AspNetCore.Routing;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the proxy's routes.</summary>
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

        var endpoint = endpoints.ServiceProvider.GetService<ForwardingEndpoint>()
            ?? throw new InvalidOperationException("MapHeadroomRoutes() needs the proxy's services: call builder.Services.AddHeadroomProxy() before the app is built.");
        var state = endpoints.ServiceProvider.GetRequiredService<CurrentOptions>();
        var group = endpoints.MapGroup(prefix);
        foreach (var template in RouteTable.Templates(state.Providers, state.Options))
        {
            // All methods are forwarded, and WebSockets over HTTP/2 arrive as CONNECT, so no method is given.
            var route = group.Map(template.Pattern, endpoint.InvokeAsync)
                .WithDisplayName($"Headroom {prefix}{template.Pattern}")
                .WithMetadata(template.Metadata, new DisableRequestTimeoutAttribute());
            route.Add(builder => ((RouteEndpointBuilder)builder).Order = template.Order);
            route.Finally(LiftSizeLimit);
            route.Finally(UnsharedAnswer.Mark);
        }

        return group;
    }

    // The last metadata counts, and an app adds its own limit to the group before the routes have theirs, so this runs last.
    private static void LiftSizeLimit(EndpointBuilder endpoint)
    {
        if (!endpoint.Metadata.OfType<IRequestSizeLimitMetadata>().Any())
        {
            endpoint.Metadata.Add(NoRequestSizeLimit.Instance);
        }
    }
}
