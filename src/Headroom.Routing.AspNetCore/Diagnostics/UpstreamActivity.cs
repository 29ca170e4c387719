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
    private const string Provider = "headroom.provider";
    private const string Choice = "headroom.choice";

    private static readonly ActivitySource Source = new("Headroom.Routing", typeof(UpstreamActivity).Assembly.GetName().Version?.ToString(3));

    private readonly Activity? _activity;

    private UpstreamActivity(Activity? activity) => _activity = activity;

    /// <summary>Starts the span if somebody listens.</summary>
    internal static UpstreamActivity Start(string method, UpstreamTarget target)
    {
        if (!Source.HasListeners())
        {
            return default;
        }

        var known = KnownMethod(method);
        return new(Source.StartActivity(known ?? "HTTP", ActivityKind.Client, parentContext: default, tags:
        [
            new("http.request.method", known ?? "_OTHER"),
            new("server.address", target.Uri.IdnHost),
            new("server.port", target.Uri.Port),
            new("url.scheme", target.Uri.Scheme),
            new(Provider, target.Provider?.Name),
            new(Choice, target.Choice.ToString()),
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
        activity.SetTag("http.response.status_code", status);
        activity.SetTag("network.protocol.version", answer.Version.Major == 1 ? answer.Version.ToString(2) : answer.Version.ToString(1));
        if (status >= StatusCodes.Status400BadRequest)
        {
            RecordFailure(status.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Tells that the request failed, or that the answer could not be passed on to its end.</summary>
    /// <param name="error">A word for it.</param>
    internal void RecordFailure(string error)
    {
        if (_activity is { IsAllDataRequested: true } activity)
        {
            activity.SetTag("error.type", error);
            activity.SetStatus(ActivityStatusCode.Error);
        }
    }

    public void Dispose() => _activity?.Dispose();

    // A caller may invent methods, and each would become a span name of its own in the operator's traces.
    private static string? KnownMethod(string method)
    {
        var canonical = HttpMethods.GetCanonicalizedValue(method);
        return canonical switch
        {
            "GET" or "HEAD" or "POST" or "PUT" or "DELETE" or "CONNECT" or "OPTIONS" or "TRACE" or "PATCH" => canonical,
            _ => null,
        };
    }
}
