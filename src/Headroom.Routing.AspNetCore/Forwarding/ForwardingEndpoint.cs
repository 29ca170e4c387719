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
    private volatile ForwardingRules _rules = new(options.Current, options.Providers);

    internal Task InvokeAsync(HttpContext context)
    {
        var compiled = options.Current;
        var rules = RulesFor(compiled);
        UnsharedAnswer.KeepFromOutputCache(context);
        var decision = RequestDecision.Decide(context, (RouteEndpoint)context.GetEndpoint()!, compiled.Resolver);
        context.Features.Set(decision);
        return rules.Browsers.Refuses(context.Request) ? RefuseAsync(context, ProxyError.OriginNotAllowed, decision.Dialect)
            : decision.IsTarget(out var target, out var refusal) ? ForwardAsync(context, target, rules)
            : RefuseAsync(context, ProxyError.For(refusal), decision.Dialect);
    }

    private async Task ForwardAsync(HttpContext context, UpstreamTarget target, ForwardingRules rules)
    {
        LiftRateLimits(context);
        using var activity = UpstreamActivity.Start(context.Request.Method, target);
        var own = OwnHeaders.Of(context.Response);
        var client = clients.For(target);
        var failure = await (UpgradeForwarder.IsFor(context)
            ? UpgradeForwarder.SendAsync(context, target, client, rules, activity)
            : PlainForwarder.SendAsync(context, target, client, rules, activity));
        if (failure is null)
        {
            ForwardingLog.Forwarded(logger, target.Origin, target.Choice, context.Response.StatusCode);
        }
        else if (failure.Error is ForwarderError.None)
        {
            // YARP's forwarder itself refuses a request only for a bad Sec-WebSocket-Key.
            activity.RecordFailure(ProxyError.BadWebSocketKey.Slug);
            await RefuseAsync(context, ProxyError.BadWebSocketKey, target.Provider?.Dialect ?? Dialect.Any);
        }
        else
        {
            activity.RecordFailure(await ReportAsync(context, failure, target, own));
        }
    }

    private ForwardingRules RulesFor(CompiledOptions compiled)
    {
        var rules = _rules;
        return rules.Source == compiled ? rules : _rules = new ForwardingRules(compiled, options.Providers);
    }

    private async Task<string> ReportAsync(HttpContext context, ForwardingFailure failure, UpstreamTarget target, OwnHeaders own)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            ForwardingLog.ClientGone(logger, target.Origin, failure.Error);
            return "client_gone";
        }

        var error = ProxyError.For(
            failure.Error, failure.Exception, target, RequestHead.MayHaveBody(context), IsIdempotent(context.Request.Method));
        if (error == ProxyError.OfTheApp)
        {
            ForwardingLog.AppFailed(logger, target.Origin, target.Choice, failure.Exception);
        }
        else
        {
            ForwardingLog.Failed(logger, target.Origin, target.Choice, failure.Error, error.Detail);
        }

        if (!context.Response.HasStarted)
        {
            own.Restore(context.Response);
            await ErrorWriter.WriteAsync(context, error, target.Provider?.Dialect ?? Dialect.Any);
        }

        return error.Slug;
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
        if (RequestHead.MayHaveBody(context) && context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } requestRate)
        {
            requestRate.MinDataRate = null;
        }

        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } responseRate)
        {
            responseRate.MinDataRate = null;
        }
    }
}
