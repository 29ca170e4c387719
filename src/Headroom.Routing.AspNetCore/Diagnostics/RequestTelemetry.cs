using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Headroom.Routing.AspNetCore.Diagnostics;

/// <summary>Tells the app's metrics, traces and logs what becomes of each request. None of them ever holds a path, a query, or a header's value.</summary>
internal sealed class RequestTelemetry(ForwardingMeter meter, ILoggerFactory loggers)
{
    /// <summary>The error of a request whose client left before the whole answer was passed on.</summary>
    internal const string ClientGone = "client_gone";

    private readonly ILogger _requests = loggers.CreateLogger(ForwardingLog.RequestsCategory);
    private readonly ILogger _forwarding = loggers.CreateLogger(ForwardingLog.ForwardingCategory);

    /// <summary>Counts a request as one that is being forwarded.</summary>
    /// <returns>Whether somebody listens, so that <see cref="CountEnded"/> must be called.</returns>
    internal bool CountInFlight(UpstreamTarget target) => meter.Started(target);

    /// <summary>Tells that a request which was counted is no longer being forwarded.</summary>
    internal void CountEnded(UpstreamTarget target) => meter.Count(-1, target);

    /// <summary>Tells how a forwarded request ended.</summary>
    /// <param name="context">The request.</param>
    /// <param name="decision">What was decided about it.</param>
    /// <param name="count">What moved.</param>
    /// <param name="activity">Its span.</param>
    /// <param name="failure">What failed; <see langword="null"/> if the whole answer was passed on.</param>
    internal void End(HttpContext context, UpstreamDecision decision, in TransferCount count, UpstreamActivity activity, RequestFailure? failure)
    {
        var status = failure?.Kind == ClientGone && !context.Response.HasStarted ? (int?)null : context.Response.StatusCode;
        var error = failure?.Kind ?? (status >= StatusCodes.Status400BadRequest ? status.Value.ToString(CultureInfo.InvariantCulture) : null);
        activity.RecordEnd(count, failure?.Kind);
        meter.Ended(decision, context.Request.Method, count, status, error);
        if (failure is { IsOfUpstream: true })
        {
            meter.Failed(decision.Target!, failure.Kind);
        }
        else if (failure is { IsRefusal: true })
        {
            meter.Refused(decision.Provider, failure.Slug);
        }

        TagServerSpan(context, decision, failure is { IsRefusal: true } ? failure.Slug : null);
        Log(decision, count, status ?? 0, failure);
    }

    /// <summary>Tells that a request was refused, so that nothing was sent.</summary>
    /// <param name="context">The request.</param>
    /// <param name="decision">What was decided about it.</param>
    /// <param name="slug">The kind of refusal.</param>
    /// <param name="cause">Why, for the operator.</param>
    internal void Refuse(HttpContext context, UpstreamDecision decision, string slug, string cause)
    {
        meter.Refused(decision.Provider, slug);
        TagServerSpan(context, decision, slug);
        ForwardingLog.Refused(_forwarding, slug, cause);
    }

    /// <summary>Tells that the app's own code failed before anything was sent.</summary>
    /// <param name="context">The request.</param>
    /// <param name="decision">What was decided about it.</param>
    /// <param name="failure">What failed.</param>
    internal void Fail(HttpContext context, UpstreamDecision decision, RequestFailure failure)
    {
        meter.Refused(decision.Provider, failure.Slug);
        TagServerSpan(context, decision, failure.Slug);
        Log(decision, default, 0, failure);
    }

    private void Log(UpstreamDecision decision, in TransferCount count, int status, RequestFailure? failure)
    {
        var level = failure is null || failure.Kind == ClientGone ? LogLevel.Debug : failure.IsOfApp ? LogLevel.Error : LogLevel.Warning;
        var logger = level == LogLevel.Debug ? _requests : _forwarding;
        if (!logger.IsEnabled(level))
        {
            return;
        }

        var provider = decision.Provider?.Name ?? "No provider";
        var choice = TelemetryNames.Of(decision.Source);
        var origin = decision.Target!.Origin;
        var elapsed = count.Elapsed.TotalMilliseconds;
        if (failure is not { } failed)
        {
            // An answer without a body has come when its head has.
            ForwardingLog.Forwarded(
                logger, provider, choice, origin, status, count.TimeToFirstByte?.TotalMilliseconds ?? elapsed, elapsed, count.Sent, count.Received);
        }
        else if (failed.Kind == ClientGone)
        {
            ForwardingLog.ClientGone(logger, provider, choice, origin, elapsed, count.Sent, count.Received);
        }
        else if (failed.IsOfApp)
        {
            ForwardingLog.AppFailed(logger, provider, choice, origin, failed.Exception);
        }
        else
        {
            ForwardingLog.Failed(logger, provider, choice, origin, elapsed, failed.Slug, failed.Cause, failed.Exception);
        }
    }

    private static void TagServerSpan(HttpContext context, UpstreamDecision decision, string? refusal)
    {
        if (context.Features[typeof(IHttpActivityFeature)] is not IHttpActivityFeature { Activity: { IsAllDataRequested: true } span })
        {
            return;
        }

        span.SetTag(TelemetryNames.Provider, decision.Provider?.TelemetryName);
        span.SetTag(TelemetryNames.Choice, TelemetryNames.Of(decision.Source));
        if (refusal is not null)
        {
            span.SetTag(TelemetryNames.Refusal, refusal);
        }
    }
}
