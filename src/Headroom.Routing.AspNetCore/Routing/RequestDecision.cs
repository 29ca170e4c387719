using Headroom.Routing.Resolution;
using Headroom.Routing.Upstreams;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Headroom.Routing.AspNetCore.Routing;

/// <summary>
/// What was decided about a request while it was matched to an endpoint, kept as a feature of the <see cref="HttpContext"/>. The endpoint uses it only if
/// nothing that it depends on was changed by a middleware in between.
/// </summary>
internal sealed class RequestDecision
{
    private readonly UpstreamResolver _resolver;
    private readonly string _method;
    private readonly string _pathAndQuery;
    private readonly RequestHeaders _headers;
    private readonly UpstreamDecision _decision;

    private RequestDecision(UpstreamResolver resolver, string method, string pathAndQuery, RequestHeaders headers, UpstreamDecision decision)
    {
        _resolver = resolver;
        _method = method;
        _pathAndQuery = pathAndQuery;
        _headers = headers;
        _decision = decision;
    }

    /// <summary>Decides about a request whose endpoint is still open, and keeps the decision.</summary>
    internal static UpstreamDecision DecideAndKeep(HttpContext context, UpstreamResolver resolver, string pathAndQuery)
    {
        var request = context.Request;
        var headers = resolver.Headers.Read(request.Headers);
        var decision = resolver.Decide(request.Method, pathAndQuery, headers);
        context.Features.Set(new RequestDecision(resolver, request.Method, pathAndQuery, headers, decision));
        return decision;
    }

    /// <summary>Decides about a request, or returns what was decided while it was matched.</summary>
    internal static UpstreamDecision Decide(HttpContext context, RouteEndpoint endpoint, UpstreamResolver resolver, string pathAndQuery)
    {
        var request = context.Request;
        var headers = resolver.Headers.Read(request.Headers);
        return HeadroomMatcherPolicy.MayWithdraw(endpoint) && context.Features.Get<RequestDecision>() is { } kept && kept.Fits(resolver, request.Method, pathAndQuery, headers)
            ? kept._decision
            : resolver.Decide(request.Method, pathAndQuery, headers);
    }

    private bool Fits(UpstreamResolver resolver, string method, string pathAndQuery, in RequestHeaders headers) =>
        _resolver == resolver && _method == method && _pathAndQuery == pathAndQuery && _headers.Equals(headers);
}
