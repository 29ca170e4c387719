using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>
/// What the app's CORS policy said of a request to an endpoint, kept as a feature of the <see cref="HttpContext"/>. It is there only if the CORS
/// middleware really ran for that endpoint, and holds the very policy that it ran with: the endpoint's, a named one or one that was given to <c>UseCors()</c>.
/// </summary>
internal sealed class CorsDecision
{
    private readonly Endpoint _endpoint;
    private readonly CorsPolicy _policy;
    private readonly bool _isOriginAllowed;

    private CorsDecision(Endpoint endpoint, CorsPolicy policy, bool isOriginAllowed)
    {
        _endpoint = endpoint;
        _policy = policy;
        _isOriginAllowed = isOriginAllowed;
    }

    /// <summary>Keeps what was decided, unless that was before routing and so is about no endpoint.</summary>
    internal static void Keep(HttpContext context, CorsPolicy policy, CorsResult result)
    {
        if (context.GetEndpoint() is { } endpoint)
        {
            context.Features.Set(new CorsDecision(endpoint, policy, result.IsOriginAllowed));
        }
    }

    /// <summary>Whether a policy decided about the origin of a request to its endpoint, and how.</summary>
    /// <returns><see langword="null"/> if none did.</returns>
    internal static bool? AllowsOriginOf(HttpContext context)
    {
        // A browser sends its cookies with every WebSocket and lets the page read it. A policy for any origin is one for requests without cookies.
        var decision = context.Features.Get<CorsDecision>();
        return decision is null || decision._endpoint != context.GetEndpoint() || (decision._policy.AllowAnyOrigin && UpgradeForwarder.IsFor(context))
            ? null
            : decision._isOriginAllowed;
    }
}
