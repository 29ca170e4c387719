using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Threading.Channels;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Routing.AspNetCore.Tests.Diagnostics;

/// <summary>What an app's metrics and traces get to see of one gateway's requests.</summary>
internal sealed class Telemetry : IDisposable
{
    private readonly MeterListener _meter = new();
    private readonly ActivityListener _spans;
    private readonly Channel<string> _ends = Channel.CreateUnbounded<string>();
    private readonly Lock _gate = new();
    private readonly List<string> _measured = [];
    private readonly List<Activity> _ended = [];

    public Telemetry(GatewayHost host, int port)
    {
        var factory = host.Services.GetRequiredService<IMeterFactory>();
        _meter.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Headroom.Routing" && instrument.Meter.Scope == factory)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meter.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Keep(instrument, value, value.ToString(CultureInfo.InvariantCulture), tags));
        _meter.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Keep(instrument, value, value > 0 ? "s" : "?", tags));
        _meter.Start();
        _spans = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Headroom.Routing",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (activity.GetTagItem("server.port") is int of && of == port)
                {
                    lock (_gate)
                    {
                        _ended.Add(activity);
                    }
                }
            },
        };
        ActivitySource.AddActivityListener(_spans);
    }

    /// <summary>Each measurement: the instrument, the value, or s for a time, and the attributes in order.</summary>
    public IReadOnlyList<string> Measured
    {
        get
        {
            lock (_gate)
            {
                return [.. _measured];
            }
        }
    }

    public IReadOnlyList<Activity> Spans
    {
        get
        {
            lock (_gate)
            {
                return [.. _ended];
            }
        }
    }

    /// <summary>Waits until a forwarded request, or a refused one, was counted to its end.</summary>
    public Task NextEndAsync() => Patience.For(_ends.Reader.ReadAsync().AsTask(), "a request to be counted");

    public IEnumerable<string> Of(string instrument) => Measured.Where(line => line.StartsWith(instrument + " ", StringComparison.Ordinal));

    public void Dispose()
    {
        _meter.Dispose();
        _spans.Dispose();
    }

    private void Keep(Instrument instrument, double value, string shown, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_gate)
        {
            _measured.Add($"{instrument.Name} {shown} {string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}");
        }

        if (value < 0 || instrument.Name == "headroom.refusals")
        {
            _ends.Writer.TryWrite(instrument.Name);
        }
    }
}
