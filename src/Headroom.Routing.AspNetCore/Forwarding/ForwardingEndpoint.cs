using System.Diagnostics.CodeAnalysis;
using Headroom.Routing.AspNetCore.Authorization;
using Headroom.Routing.AspNetCore.Configuration;
using Headroom.Routing.AspNetCore.Diagnostics;
using Headroom.Routing.AspNetCore.Errors;
using Headroom.Routing.AspNetCore.Journal;
using Headroom.Routing.AspNetCore.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Yarp.ReverseProxy.Forwarder;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>The only way through the proxy: every request, WebSockets included, is resolved here and then forwarded or refused.</summary>
internal sealed class ForwardingEndpoint(CurrentOptions options, UpstreamClients clients, RequestTelemetry telemetry, RequestJournal journal)
{
    private volatile ForwardingRules _rules = new(options.Current, options.Providers);

    internal Task InvokeAsync(HttpContext context)
    {
        var compiled = options.Current;
        var rules = RulesFor(compiled);
        UnsharedAnswer.KeepFromOutputCache(context);
        var endpoint = (RouteEndpoint)context.GetEndpoint()!;
        var decision = RequestDecision.Decide(context, endpoint, compiled.Resolver);
        context.Features.Set(decision);
        return rules.Browsers.Refuses(context.Request) ? RefuseAsync(context, decision, ProxyError.OriginNotAllowed, rules)
            : decision.Target is { } target && UpstreamAuthorization.IsNeeded(endpoint, target, compiled) ? AuthorizeAsync(context, endpoint, decision, compiled, rules)
            : ProceedAsync(context, decision, rules);
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever the app's authorization throws, the request is not let through.")]
    private async Task AuthorizeAsync(HttpContext context, Endpoint endpoint, UpstreamDecision decision, CompiledOptions compiled, ForwardingRules rules)
    {
        try
        {
            decision = await UpstreamAuthorization.JudgeAsync(context, endpoint, decision, compiled);
        }
        catch (Exception failure)
        {
            // A policy may be given up because the client has left, and nobody is there to be told.
            if (!context.RequestAborted.IsCancellationRequested)
            {
                await FailAsync(context, decision, failure, rules);
            }

            return;
        }

        context.Features.Set(decision);
        await ProceedAsync(context, decision, rules);
    }

    private Task ProceedAsync(HttpContext context, UpstreamDecision decision, ForwardingRules rules) =>
        !decision.IsTarget(out var target, out var refusal) ? RefuseAsync(context, decision, ProxyError.For(refusal), rules)
        : target.Key is null && rules.Source.Tokens.IsSentAsKey(context) ? RefuseAsync(context, decision, ProxyError.TokenSentAsKey, rules)
        : ForwardAsync(context, decision, rules);

    // Each local that is used after the wait takes memory for as long as the request is in flight.
    private async Task ForwardAsync(HttpContext context, UpstreamDecision decision, ForwardingRules rules)
    {
        LiftRateLimits(context);
        if (rules.RevealUpstream)
        {
            context.Response.Headers[HeadroomHeaders.UpstreamUsed] = $"{decision.Target!.Origin}; choice={TelemetryNames.Of(decision.Source)}";
        }

        var isCounted = telemetry.CountInFlight(decision.Target!);
        try
        {
            using var activity = UpstreamActivity.Start(context.Request.Method, decision);
            using var transfer = Transfer.Start(rules.IdleTimeout, context.RequestAborted);
            transfer.Entry = journal.Start(context, decision, rules.Source.Resolver)?.Follow(transfer);
            var own = OwnHeaders.Of(context.Response);
            if (await SendAsync(context, decision.Target!, rules, transfer, activity) is { } failure)
            {
                await FailAsync(context, decision, failure, own, transfer, activity);
            }
            else
            {
                End(context, decision, transfer, activity, failure: null);
            }
        }
        finally
        {
            if (isCounted)
            {
                telemetry.CountEnded(decision.Target!);
            }
        }
    }

    private ValueTask<ForwardingFailure?> SendAsync(
        HttpContext context, UpstreamTarget target, ForwardingRules rules, Transfer transfer, UpstreamActivity activity) => UpgradeForwarder.IsFor(context)
            ? UpgradeForwarder.SendAsync(context, target, clients.For(target), rules, transfer, activity)
            : PlainForwarder.SendAsync(context, target, clients.For(target), rules, transfer, activity);

    // The app's own code failed before anything was sent.
    private async Task FailAsync(HttpContext context, UpstreamDecision decision, Exception exception, ForwardingRules rules)
    {
        var error = ProxyError.OfTheApp;
        var failure = new RequestFailure(error.Slug, error.Slug, error.Detail!, exception) { IsOfApp = true };
        telemetry.Fail(context, decision, failure);
        using var entry = journal.Start(context, decision, rules.Source.Resolver);
        await ErrorWriter.WriteAsync(context, error, decision.Dialect);
        entry?.End(context.Response, failure);
    }

    private ForwardingRules RulesFor(CompiledOptions compiled)
    {
        var rules = _rules;
        return rules.Source == compiled ? rules : _rules = new ForwardingRules(compiled, options.Providers);
    }

    private async Task FailAsync(
        HttpContext context, UpstreamDecision decision, ForwardingFailure failure, OwnHeaders own, Transfer transfer, UpstreamActivity activity) =>
        End(context, decision, transfer, activity, await AnswerAsync(context, failure, decision.Target!, own));

    private void End(HttpContext context, UpstreamDecision decision, Transfer transfer, UpstreamActivity activity, RequestFailure? failure)
    {
        telemetry.End(context, decision, transfer.Count, activity, failure);
        transfer.Entry?.End(context.Response, failure);
    }

    // Tells the client, if it can still be told.
    private static async ValueTask<RequestFailure> AnswerAsync(HttpContext context, ForwardingFailure failure, UpstreamTarget target, OwnHeaders own)
    {
        if (failure.IsClientGone)
        {
            return new(RequestTelemetry.ClientGone, RequestTelemetry.ClientGone, failure.Error.ToString(), failure.Exception);
        }

        // YARP's forwarder itself refuses a request only for a bad Sec-WebSocket-Key.
        var error = failure.Error is ForwarderError.None ? ProxyError.BadWebSocketKey : ProxyError.For(
            failure.Error, failure.Exception, target, RequestHead.MayHaveBody(context), IsIdempotent(context.Request.Method));
        if (!context.Response.HasStarted)
        {
            own.Restore(context.Response);
            await ErrorWriter.WriteAsync(context, error, target.Provider?.Dialect ?? Dialect.Any);
        }

        return new(error.Slug, error.Kind ?? error.Slug, error.Detail ?? failure.Error.ToString(), failure.Exception)
        {
            IsOfUpstream = error.Kind is not null,
            IsRefusal = error.Status == StatusCodes.Status403Forbidden,
            IsOfApp = error == ProxyError.OfTheApp,
        };
    }

    private Task RefuseAsync(HttpContext context, UpstreamDecision decision, ProxyError error, ForwardingRules rules)
    {
        var cause = error.Detail ?? error.Message;
        telemetry.Refuse(context, decision, error.Slug, cause);
        journal.Start(context, decision, rules.Source.Resolver)?.Refuse(error.Slug, cause, error.Status);
        return ErrorWriter.WriteAsync(context, error, decision.Dialect);
    }

    // RFC 9110, section 9.2.2; TRACE and CONNECT are not forwarded.
    private static bool IsIdempotent(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method)
        || HttpMethods.IsPut(method) || HttpMethods.IsDelete(method);

    // A model may think, or a client may upload, more slowly than the server's minimum rates allow.
    private static void LiftRateLimits(HttpContext context)
    {
        if (RequestHead.MayHaveBody(context) && context.Features[typeof(IHttpMinRequestBodyDataRateFeature)] is IHttpMinRequestBodyDataRateFeature requestRate)
        {
            requestRate.MinDataRate = null;
        }

        if (context.Features[typeof(IHttpMinResponseDataRateFeature)] is IHttpMinResponseDataRateFeature responseRate)
        {
            responseRate.MinDataRate = null;
        }
    }
}
