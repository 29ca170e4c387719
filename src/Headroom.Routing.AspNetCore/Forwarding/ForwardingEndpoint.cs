using Headroom.Routing.AspNetCore.Configuration;
using Headroom.Routing.AspNetCore.Errors;
using Headroom.Routing.AspNetCore.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>The one way through the proxy: every route, method and WebSocket is resolved here, then forwarded, or refused.</summary>
internal sealed partial class ForwardingEndpoint(CurrentOptions options, UpstreamClients clients, ILogger<ForwardingEndpoint> logger)
{
    private readonly IHttpForwarder _forwarder = SilentForwarder.Create();
    private volatile ForwardingRules _rules = new(options.Current, options.Providers);

    internal async Task InvokeAsync(HttpContext context)
    {
        var compiled = options.Current;
        var rules = RulesFor(compiled);
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

        LiftRateLimits(context);
        var transformer = new UpstreamTransformer(target, rules);
        var error = await _forwarder.SendAsync(context, target.Origin, clients.For(target.Trust), rules.ConfigFor(target), transformer);
        if (transformer.Answered || (error is ForwarderError.None && context.Response.HasStarted))
        {
            Log.Forwarded(logger, target.Origin, target.Choice, context.Response.StatusCode);
        }
        else if (error is ForwarderError.None)
        {
            // There is no answer and no failure where the forwarder itself did not like the request, which is so in one case.
            await RefuseAsync(context, ProxyError.BadWebSocketKey, target.Provider?.Dialect ?? Dialect.Any);
        }
        else
        {
            await ReportAsync(context, error, target);
        }
    }

    private ForwardingRules RulesFor(CompiledOptions compiled)
    {
        var rules = _rules;
        return rules.Source == compiled ? rules : _rules = new ForwardingRules(compiled, options.Providers);
    }

    private async Task ReportAsync(HttpContext context, ForwarderError error, UpstreamTarget target)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            Log.ClientGone(logger, target.Origin, error);
            return;
        }

        var exception = context.Features.Get<IForwarderErrorFeature>()?.Exception;
        var hasBody = context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? true;
        var failure = ProxyError.For(error, exception, target, hasBody);
        Log.Failed(logger, target.Origin, target.Choice, error, failure.Detail);
        if (!context.Response.HasStarted)
        {
            await ErrorWriter.WriteAsync(context, failure, target.Provider?.Dialect ?? Dialect.Any);
        }
    }

    private Task RefuseAsync(HttpContext context, ProxyError error, Dialect dialect)
    {
        Log.Refused(logger, error.Slug, error.Detail ?? error.Message);
        return ErrorWriter.WriteAsync(context, error, dialect);
    }

    // A model may think, or a client upload, more slowly than the server's minimum rates.
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

    // Never a URL, a path or a header's value: keys stand there. Event ids keep their meaning.
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Forwarded to {Origin} ({Choice}): {Status}.", EventName = "Forwarded")]
        internal static partial void Forwarded(ILogger logger, string origin, UpstreamChoice choice, int status);

        [LoggerMessage(2, LogLevel.Information, "Refused ({Slug}): {Cause}", EventName = "Refused")]
        internal static partial void Refused(ILogger logger, string slug, string cause);

        [LoggerMessage(3, LogLevel.Warning, "Forwarding to {Origin} ({Choice}) failed: {Error}, {Cause}.", EventName = "Failed")]
        internal static partial void Failed(ILogger logger, string origin, UpstreamChoice choice, ForwarderError error, string? cause);

        [LoggerMessage(4, LogLevel.Debug, "The client left while {Origin} was answering: {Error}.", EventName = "ClientGone")]
        internal static partial void ClientGone(ILogger logger, string origin, ForwarderError error);
    }
}
