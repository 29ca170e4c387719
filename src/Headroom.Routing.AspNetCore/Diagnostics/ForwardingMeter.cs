using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Headroom.Routing.AspNetCore.Diagnostics;

/// <summary>
/// The metrics of the proxy. The values of attributes are few, whatever callers send: an upstream that neither the configuration nor the catalog knows is
/// <c>other</c>. Nothing is computed while nobody listens.
/// </summary>
internal sealed class ForwardingMeter
{
    // A model may think for many minutes.
    private static readonly double[] Seconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800];
    private static readonly long[] Bytes = [1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20, 1 << 22, 1 << 24, 1 << 26, 1 << 28];
    private static readonly object[] Statuses = [.. Enumerable.Range(0, 600).Select(status => (object)status)];

    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _firstByte;
    private readonly UpDownCounter<long> _active;
    private readonly Histogram<long> _sent;
    private readonly Histogram<long> _received;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _failures;

    public ForwardingMeter(IMeterFactory factory)
    {
        var meter = factory.Create(new MeterOptions(TelemetryNames.Scope) { Version = TelemetryNames.Version });
        _duration = meter.CreateHistogram(
            "headroom.request.duration", "s", "How long a forwarded request took, to the last byte of its answer.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
        _firstByte = meter.CreateHistogram(
            "headroom.request.time_to_first_byte", "s", "How long it took until the first byte of the answer's body came.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
        _active = meter.CreateUpDownCounter<long>("headroom.active_requests", "{request}", "How many requests are being forwarded.");
        _sent = meter.CreateHistogram(
            "http.client.request.body.size", "By", "How many bytes of a request's body went to the upstream.",
            advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = Bytes });
        _received = meter.CreateHistogram(
            "http.client.response.body.size", "By", "How many bytes of an answer's body came from the upstream.",
            advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = Bytes });
        _refusals = meter.CreateCounter<long>("headroom.refusals", "{request}", "How many requests the proxy refused, by X-Headroom-Error.");
        _failures = meter.CreateCounter<long>("headroom.upstream.failures", "{request}", "How many requests an upstream failed to answer, by kind.");
    }

    /// <summary>Counts a request as one that is being forwarded.</summary>
    /// <returns>Whether it was counted.</returns>
    internal bool Started(UpstreamTarget target)
    {
        if (!_active.Enabled)
        {
            return false;
        }

        Count(1, target);
        return true;
    }

    /// <summary>Changes the number of requests that are being forwarded.</summary>
    internal void Count(int change, UpstreamTarget target) => _active.Add(
        change, new(TelemetryNames.Provider, TelemetryNames.Of(target.Provider)), new(TelemetryNames.Upstream, target.Name ?? TelemetryNames.Other));

    /// <param name="decision">What was decided about the request.</param>
    /// <param name="method">Its method.</param>
    /// <param name="count">What moved.</param>
    /// <param name="status">The status that its sender got; <see langword="null"/> if there was nobody to get one.</param>
    /// <param name="error">A word for what failed; <see langword="null"/> if nothing did.</param>
    internal void Ended(UpstreamDecision decision, string method, in TransferCount count, int? status, string? error)
    {
        if (!_duration.Enabled && !_firstByte.Enabled && !_sent.Enabled && !_received.Enabled)
        {
            return;
        }

        var target = decision.Target!;
        var tags = new TagList
        {
            { TelemetryNames.Provider, TelemetryNames.Of(target.Provider) },
            { TelemetryNames.Upstream, target.Name ?? TelemetryNames.Other },
            { TelemetryNames.ServerAddress, target.IsKnownHost ? target.Upstream.Host : TelemetryNames.Other },
            { TelemetryNames.Choice, TelemetryNames.Of(decision.Source) },
            { TelemetryNames.Method, TelemetryNames.Known(method) ?? TelemetryNames.Unknown },
        };
        if (status is { } known)
        {
            tags.Add(TelemetryNames.Status, known < Statuses.Length ? Statuses[known] : known);
        }

        if (error is not null)
        {
            tags.Add(TelemetryNames.ErrorType, error);
        }

        _duration.Record(count.Elapsed.TotalSeconds, tags);
        if (count.TimeToFirstByte is { } firstByte)
        {
            _firstByte.Record(firstByte.TotalSeconds, tags);
        }

        _sent.Record(count.Sent, tags);
        _received.Record(count.Received, tags);
    }

    internal void Refused(Provider? provider, string slug) => _refusals.Add(
        1, new(TelemetryNames.Provider, TelemetryNames.Of(provider)), new(TelemetryNames.ErrorType, slug));

    internal void Failed(UpstreamTarget target, string kind) => _failures.Add(
        1, new(TelemetryNames.Provider, TelemetryNames.Of(target.Provider)), new(TelemetryNames.Upstream, target.Name ?? TelemetryNames.Other), new(TelemetryNames.ErrorType, kind));
}
