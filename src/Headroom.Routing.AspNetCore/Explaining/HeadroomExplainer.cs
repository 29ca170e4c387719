using System.Net;
using Headroom.Routing.AspNetCore.Configuration;
using Headroom.Routing.AspNetCore.Errors;
using Headroom.Routing.AspNetCore.Explaining;
using Headroom.Routing.AspNetCore.Forwarding;
using Headroom.Routing.AspNetCore.Routing;
using Headroom.Routing.Policy;
using Headroom.Routing.Resolution;
using Headroom.Routing.Upstreams;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Forwarder;

namespace Headroom.Routing.AspNetCore;

/// <summary>
/// Tells where a request would go, and why, without sending it. <c>AddHeadroomProxy()</c> adds it to the app's services. What it tells is for the operator,
/// because it names settings and what upstreams' names resolve to.
/// </summary>
public sealed class HeadroomExplainer
{
    private readonly CurrentOptions _options;
    private readonly UpstreamClients _clients;
    private readonly AddressLookup _lookup;
    private readonly RouteFinder _routes;

    internal HeadroomExplainer(CurrentOptions options, UpstreamClients clients, IHostResolver resolver)
    {
        _options = options;
        _clients = clients;
        _lookup = new AddressLookup(resolver, options.Options.ConnectTimeout);
        _routes = new RouteFinder(RouteTable.Templates(options.Providers, options.Options));
    }

    /// <summary>Explains a request as if it came to the proxy now. What a CORS policy of the app's would say of the request's origin does not count.</summary>
    /// <param name="method">The request's method.</param>
    /// <param name="pathAndQuery">The request's path and query as a client sends them, less the gateway's own prefix.</param>
    /// <param name="headers">The request's headers. Their names are compared without regard to case.</param>
    /// <param name="resolveName">Whether to resolve the upstream's name and to judge its addresses. Without this there is no I/O.</param>
    /// <param name="cancellationToken">Ends the wait for the addresses.</param>
    /// <returns>The explanation.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    public ValueTask<HeadroomExplanation> ExplainAsync(
        string method,
        string pathAndQuery,
        IEnumerable<KeyValuePair<string, StringValues>> headers,
        bool resolveName = false,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(pathAndQuery);
        ArgumentNullException.ThrowIfNull(headers);
        var request = new DefaultHttpContext().Request;
        request.Method = method;
        foreach (var (name, values) in headers)
        {
            request.Headers[name] = StringValues.Concat(request.Headers[name], values);
        }

        return ExplainAsync(request, pathAndQuery, CurrentRules(), resolveName, cancellationToken);
    }

    /// <summary>The rules for a request that comes now.</summary>
    internal ForwardingRules CurrentRules() => new(_options.Current, _options.Providers);

    /// <summary>Explains a request.</summary>
    /// <param name="request">The request. Its own path does not count.</param>
    /// <param name="pathAndQuery">The path and the query that count.</param>
    /// <param name="rules">The rules for it.</param>
    /// <param name="resolveName">Whether to resolve the upstream's name.</param>
    /// <param name="cancellationToken">Ends the wait for the addresses.</param>
    internal async ValueTask<HeadroomExplanation> ExplainAsync(
        HttpRequest request, string pathAndQuery, ForwardingRules rules, bool resolveName, CancellationToken cancellationToken)
    {
        var resolved = rules.Source.Resolver.Explain(request.Method, pathAndQuery, request.Headers);
        var explanation = new HeadroomExplanation(request.Method, pathAndQuery, resolved);
        var decision = resolved.Decision;
        if (!FindsEndpoint(request.Method, pathAndQuery, decision, explanation))
        {
            explanation.LeaveToApp();
        }
        else if (rules.Browsers.Refuses(request))
        {
            explanation.Add("browser", ProxyError.OriginNotAllowed.Message);
            explanation.Refuse(ProxyError.OriginNotAllowed);
        }
        else if ((decision.Refusal ?? JudgeCallers(decision.Target!, rules.Source.Callers, explanation)) is { } refusal)
        {
            explanation.Refuse(ProxyError.For(refusal));
        }
        else if (HttpMethods.IsConnect(request.Method))
        {
            // Whether it opens a WebSocket is not known here: over HTTP, it would have no answer to tell it in.
            var error = ProxyError.For(ForwarderError.RequestCreation, exception: null, decision.Target!, hadBody: false, idempotent: false);
            explanation.Add("method", error.Message);
            explanation.Refuse(error);
        }
        else
        {
            var target = decision.Target!;
            var isProxied = _clients.IsProxied(target);
            explanation.Forward(rules.RequestHeaders.DroppedOf(request, target), UpstreamClients.NameFor(target), ProtocolFor(target, rules), isProxied);
            if (resolveName)
            {
                await _lookup.ExplainAsync(explanation, target, isProxied, cancellationToken).ConfigureAwait(false);
            }
        }

        return explanation;
    }

    // Who asks is not the caller whose request is explained, so this tells who may send it.
    private static Refusal? JudgeCallers(UpstreamTarget target, IReadOnlyList<CallerGroup> groups, HeadroomExplanation explanation)
    {
        if (groups.Count == 0)
        {
            return null;
        }

        List<string> may = [];
        foreach (var group in groups)
        {
            if (group.Reach.Judge(target, out var trust) is null)
            {
                may.Add(trust < target.Trust ? $"{group.Key} (public addresses only)" : group.Key);
            }
        }

        explanation.Add("callers", may.Count > 0 ? $"Members of {string.Join(", ", may)}; nobody else." : "Refused: no group of Headroom:Callers may reach it.");
        return may.Count > 0 ? null : NotAllowed.Because("no group of Headroom:Callers may reach it").About(target.Origin);
    }

    // Without TLS, nothing tells that the server speaks HTTP/2.
    private static string ProtocolFor(UpstreamTarget target, ForwardingRules rules) =>
        target.Uri.Scheme == Uri.UriSchemeHttp || rules.VersionFor(target) == HttpVersion.Version11 ? "HTTP/1.1" : "HTTP/2 or HTTP/1.1";

    // The app's own endpoints are not asked.
    private bool FindsEndpoint(string method, string pathAndQuery, UpstreamDecision decision, HeadroomExplanation explanation)
    {
        var request = new UpstreamRequest(method, pathAndQuery, default);
        if (request.Check() is not null)
        {
            // What path the server would then look for, with dot segments resolved, is not known here.
            explanation.Add("endpoint", "Every endpoint of the proxy refuses it. If it comes to none of them, it is left to the app.");
            return true;
        }

        var route = _routes.Find(request.Path, decision.Ownership);
        explanation.Add("endpoint", route switch
        {
            { Order: RouteTable.CatchAllOrder } =>
                $"The proxy's catch-all, because of the {(decision.Ownership == Ownership.ByPath ? "path" : "headers")}. Any other endpoint that fits goes before it.",
            not null => "The proxy has one for the path. An equal or more exact one of the app's own goes before it.",
            _ when decision.Ownership == Ownership.None => "None of the proxy's: neither the path nor the headers are for it. The request is left to the app.",
            _ => "None of the proxy's: none fits the path, and Headroom:CatchAll is off. The request is left to the app.",
        });
        return route is not null;
    }
}
