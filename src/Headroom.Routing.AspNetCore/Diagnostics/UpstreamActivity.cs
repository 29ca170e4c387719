using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Headroom.Routing.AspNetCore.Diagnostics;

/// <summary>
/// The span of a request to an upstream, which follows OpenTelemetry's conventions for HTTP clients. It stands in for HttpClient's own
/// span, because instrumentations of that one add trace context and baggage to the request. Nothing in it comes from a path, a query or a
/// header, because they hold keys.
/// </summary>
/// <remarks>https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client</remarks>
internal readonly struct UpstreamActivity : IDisposable
{
    private static readonly ActivitySource Source = new(TelemetryNames.Scope, TelemetryNames.Version);

    private readonly Activity? _activity;

    private UpstreamActivity(Activity? activity) => _activity = activity;

    /// <summary>Starts the span if somebody listens.</summary>
    internal static UpstreamActivity Start(string method, UpstreamDecision decision)
    {
        if (!Source.HasListeners())
        {
            return default;
        }

        var target = decision.Target!;
        var known = TelemetryNames.Known(method);
        return new(Source.StartActivity(known ?? "HTTP", ActivityKind.Client, parentContext: default, tags:
        [
            new(TelemetryNames.Method, known ?? TelemetryNames.Unknown),
            new(TelemetryNames.ServerAddress, target.Uri.IdnHost),
            new(TelemetryNames.ServerPort, target.Uri.Port),
            new(TelemetryNames.Scheme, target.Uri.Scheme),
            new(TelemetryNames.Provider, target.Provider?.TelemetryName),
            new(TelemetryNames.Upstream, target.Name),
            new(TelemetryNames.Choice, TelemetryNames.Of(decision.Source)),
        ]));
    }

    /// <summary>Tells what the upstream answered.</summary>
    internal void RecordAnswer(HttpResponseMessage answer)
    {
        if (_activity is not { IsAllDataRequested: true } activity)
        {
            return;
        }

        var status = (int)answer.StatusCode;
        activity.SetTag(TelemetryNames.Status, status);
        activity.SetTag(TelemetryNames.ProtocolVersion, answer.Version.Major == 1 ? answer.Version.ToString(2) : answer.Version.ToString(1));
        if (status >= StatusCodes.Status400BadRequest)
        {
            RecordFailure(status.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Tells how the request ended.</summary>
    /// <param name="count">What moved.</param>
    /// <param name="error">A word for what failed; <see langword="null"/> if the whole answer was passed on.</param>
    internal void RecordEnd(in TransferCount count, string? error)
    {
        if (_activity is not { IsAllDataRequested: true } activity)
        {
            return;
        }

        if (count.TimeToFirstByte is not null)
        {
            activity.AddEvent(new ActivityEvent("headroom.first_byte", DateTimeOffset.UtcNow - Stopwatch.GetElapsedTime(count.FirstByte)));
        }

        if (error is not null)
        {
            RecordFailure(error);
        }
    }

    public void Dispose() => _activity?.Dispose();

    private void RecordFailure(string error) => _activity!.SetTag(TelemetryNames.ErrorType, error).SetStatus(ActivityStatusCode.Error);
}
