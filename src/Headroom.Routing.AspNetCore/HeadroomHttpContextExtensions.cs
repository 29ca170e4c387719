using Headroom.Routing;
using Headroom.Routing.AspNetCore;
using Headroom.Routing.AspNetCore.Configuration;
using Headroom.Routing.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Http;

/// <summary>Tells an app's own code where a request goes.</summary>
public static class HeadroomHttpContextExtensions
{
    /// <summary>
    /// Returns what was decided about a request: its target or the reason for its refusal, the provider, and what told them. Any middleware after routing can
    /// ask: authorization, a rate limiter's partition, logging. The proxy's endpoint then uses the same decision, unless what it depends on was
    /// changed in between. Whether its caller may go there is decided by that endpoint, and then part of the decision.
    /// </summary>
    /// <param name="context">The request's context.</param>
    /// <returns>The decision; <see langword="null"/> for a request of the app's own, or before routing.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="context"/> is null.</exception>
    public static UpstreamDecision? GetUpstreamDecision(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);

        // Once the endpoint ran, what counts is what it did.
        return context.Features.Get<UpstreamDecision>()
            ?? (context.GetEndpoint() is RouteEndpoint endpoint && endpoint.Metadata.GetMetadata<HeadroomEndpointMetadata>() is not null
                ? RequestDecision.DecideAndKeep(context, endpoint, context.RequestServices.GetRequiredService<CurrentOptions>().Current.Resolver)
                : null);
    }

    /// <summary>Returns where a request goes; see <see cref="GetUpstreamDecision"/>.</summary>
    /// <param name="context">The request's context.</param>
    /// <returns>The target; <see langword="null"/> if the request is refused, is the app's own, or was not routed yet.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="context"/> is null.</exception>
    public static UpstreamTarget? GetUpstreamTarget(this HttpContext context) => context.GetUpstreamDecision()?.Target;
}
