using Headroom.Routing.AspNetCore.Errors;
using Headroom.Routing.AspNetCore.Routing;
using Headroom.Routing.Providers;
using Headroom.Routing.Resolution;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>The one way through the proxy: every route, method and WebSocket is resolved here, then forwarded, or refused.</summary>
internal sealed partial class ForwardingEndpoint(ProxyState state, UpstreamClients clients, ILogger<ForwardingEndpoint> logger)
{
    private readonly IHttpForwarder _forwarder = SilentForwarder.Create();

    internal async Task InvokeAsync(HttpContext context)
    {
        var snapshot = state.Current;
        var request = context.Request;
        if (context.GetEndpoint() is not RouteEndpoint endpoint || !IncomingTarget.TryRead(context, endpoint, out var incoming))
        {
            await RefuseAsync(context, ProxyError.BadTarget, Dialect.Any);
            return;
        }

        if (snapshot.Browsers.Refuses(request))
        {
            await RefuseAsync(context, ProxyError.OriginNotAllowed, snapshot.Resolver.DialectOf(request.Method, incoming, request.Headers));
            return;
        }

        if (!snapshot.Resolver.TryResolve(request.Method, incoming, request.Headers, out var target, out var refusal))
        {
            await RefuseAsync(context, ProxyError.For(refusal), snapshot.Resolver.DialectOf(request.Method, incoming, request.Headers));
            return;
        }

        LiftRateLimits(context);
        var transformer = new UpstreamTransformer(target, snapshot);
        var error = await _forwarder.SendAsync(context, target.Origin, clients.For(target), snapshot.ConfigFor(target), transformer);
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

    private async Task ReportAsync(HttpContext context, ForwarderError error, UpstreamTarget target)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            Log.ClientGone(logger, target.Origin, error);
            return;
        }

        var exception = context.Features.Get<IForwarderErrorFeature>()?.Exception;
        var hasBody = context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? true;
        var failure = ProxyError.For(error, exception, target, hasBody, IsIdempotent(context.Request.Method));
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

    // RFC 9110, section 9.2.2; TRACE and CONNECT are not forwarded.
    private static bool IsIdempotent(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method)
        || HttpMethods.IsPut(method) || HttpMethods.IsDelete(method);

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
