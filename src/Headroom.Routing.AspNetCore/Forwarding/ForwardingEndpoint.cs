using Headroom.Routing.AspNetCore.Configuration;
using Headroom.Routing.AspNetCore.Diagnostics;
using Headroom.Routing.AspNetCore.Errors;
using Headroom.Routing.AspNetCore.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>The only way through the proxy: every request, WebSockets included, is resolved here and then forwarded or refused.</summary>
internal sealed class ForwardingEndpoint(CurrentOptions options, UpstreamClients clients, ILogger<ForwardingEndpoint> logger)
{
    private readonly IHttpForwarder _forwarder = SilentForwarder.Create();
    private volatile ForwardingRules _rules = new(options.Current, options.Providers);

    internal async Task InvokeAsync(HttpContext context)
    {
        var compiled = options.Current;
        var rules = RulesFor(compiled);
        UnsharedAnswer.KeepFromOutputCache(context);
        if (context.GetEndpoint() is not RouteEndpoint endpoint || !IncomingPath.TryRead(context, endpoint, out var pathAndQuery))
        {
            await RefuseAsync(context, ProxyError.BadTarget, Dialect.Any);
            return;
        }

        var decision = RequestDecision.Decide(context, compiled.Resolver, pathAndQuery);
        if (rules.Browsers.Refuses(context.Request))
        {
            await RefuseAsync(context, ProxyError.OriginNotAllowed, decision.Dialect);
            return;
        }

        if (!decision.IsTarget(out var target, out var refusal))
        {
            await RefuseAsync(context, ProxyError.For(refusal), decision.Dialect);
            return;
        }

        await ForwardAsync(context, target, rules);
    }

    private async Task ForwardAsync(HttpContext context, UpstreamTarget target, ForwardingRules rules)
    {
        LiftRateLimits(context);
        using var activity = UpstreamActivity.Start(context.Request.Method, target);
        var own = OwnHeaders.Of(context.Response);
        var transformer = new UpstreamTransformer(target, rules);
        var error = await _forwarder.SendAsync(context, target.Origin, clients.For(target), rules.ConfigFor(target), transformer);
        string? failure = null;
        if (transformer.Answered || (error is ForwarderError.None && context.Response.HasStarted))
        {
            ForwardingLog.Forwarded(logger, target.Origin, target.Choice, context.Response.StatusCode);
        }
        else if (error is ForwarderError.None)
        {
            // Without an answer and without a failure, the forwarder itself refused the request. It does so only for a bad Sec-WebSocket-Key.
            failure = ProxyError.BadWebSocketKey.Slug;
            await RefuseAsync(context, ProxyError.BadWebSocketKey, target.Provider?.Dialect ?? Dialect.Any);
        }
        else
        {
            failure = await ReportAsync(context, error, target, own);
        }

        activity.Record(transformer.Answer, failure);
    }

    private ForwardingRules RulesFor(CompiledOptions compiled)
    {
        var rules = _rules;
        return rules.Source == compiled ? rules : _rules = new ForwardingRules(compiled, options.Providers);
    }

    private async Task<string> ReportAsync(HttpContext context, ForwarderError error, UpstreamTarget target, OwnHeaders own)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            ForwardingLog.ClientGone(logger, target.Origin, error);
            return "client_gone";
        }

        var exception = context.Features.Get<IForwarderErrorFeature>()?.Exception;
        var hasBody = context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? true;
        var failure = ProxyError.For(error, exception, target, hasBody, IsIdempotent(context.Request.Method));
        if (failure == ProxyError.OfTheApp)
        {
            ForwardingLog.AppFailed(logger, target.Origin, target.Choice, exception);
        }
        else
        {
            ForwardingLog.Failed(logger, target.Origin, target.Choice, error, failure.Detail);
        }

        if (!context.Response.HasStarted)
        {
            own.Restore(context.Response);
            await ErrorWriter.WriteAsync(context, failure, target.Provider?.Dialect ?? Dialect.Any);
        }

        return failure.Slug;
    }

    private Task RefuseAsync(HttpContext context, ProxyError error, Dialect dialect)
    {
        ForwardingLog.Refused(logger, error.Slug, error.Detail ?? error.Message);
        return ErrorWriter.WriteAsync(context, error, dialect);
    }

    // RFC 9110, section 9.2.2; TRACE and CONNECT are not forwarded.
    private static bool IsIdempotent(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method)
        || HttpMethods.IsPut(method) || HttpMethods.IsDelete(method);

    // A model may think, or a client may upload, more slowly than the server's minimum rates allow.
    private static void LiftRateLimits(HttpContext context)
    {
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } requestRate)
        {
            requestRate.MinDataRate = null;
        }

        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } responseRate)
        {
            responseRate.MinDataRate = null;
        }
    }
}
