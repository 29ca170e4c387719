using Headroom.Routing.Upstreams;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Headroom.Routing.AspNetCore.Routing;

/// <summary>
/// What was decided about a request before its endpoint runs, kept as a feature of the <see cref="HttpContext"/>. It is used again only if
/// nothing that it depends on was changed by a middleware in between.
/// </summary>
internal sealed class RequestDecision
{
    private static readonly UpstreamDecision BadTarget = new(null, Refusal.Invalid("The request target is not a path below this gateway's prefix."));

    private readonly UpstreamResolver _resolver;
    private readonly string _method;
    private readonly string _pathAndQuery;
    private readonly RequestHeaders _headers;
    private readonly UpstreamDecision _decision;

    private RequestDecision(UpstreamResolver resolver, string method, string pathAndQuery, in RequestHeaders headers, UpstreamDecision decision)
    {
        _resolver = resolver;
        _method = method;
        _pathAndQuery = pathAndQuery;
        _headers = headers;
        _decision = decision;
    }

    /// <summary>Decides about a request that may become an endpoint's, and keeps the decision.</summary>
    internal static UpstreamDecision DecideAndKeep(HttpContext context, RouteEndpoint endpoint, UpstreamResolver resolver) =>
        Decide(context, endpoint, resolver, keep: true);

    /// <summary>Decides about a request of an endpoint, or returns what was decided before.</summary>
    internal static UpstreamDecision Decide(HttpContext context, RouteEndpoint endpoint, UpstreamResolver resolver) =>
        Decide(context, endpoint, resolver, keep: false);

    private static UpstreamDecision Decide(HttpContext context, RouteEndpoint endpoint, UpstreamResolver resolver, bool keep)
    {
        if (!IncomingPath.TryRead(context, endpoint, out var pathAndQuery))
        {
            return BadTarget;
        }

        var request = context.Request;
        var headers = resolver.Headers.Read(request.Headers);
        if (context.Features[typeof(RequestDecision)] is RequestDecision kept && kept.Fits(resolver, request.Method, pathAndQuery, headers))
        {
            return kept._decision;
        }

        var decision = resolver.Decide(request.Method, pathAndQuery, headers);
        if (keep)
        {
            context.Features.Set(new RequestDecision(resolver, request.Method, pathAndQuery, headers, decision));
        }

        return decision;
    }

    private bool Fits(UpstreamResolver resolver, string method, string pathAndQuery, in RequestHeaders headers) =>
        _resolver == resolver && _method == method && _pathAndQuery == pathAndQuery && _headers.Equals(headers);
}
