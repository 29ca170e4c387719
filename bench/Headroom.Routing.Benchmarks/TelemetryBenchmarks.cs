using System.Diagnostics;
using System.Diagnostics.Metrics;
using BenchmarkDotNet.Attributes;
using Headroom.Routing.AspNetCore.Diagnostics;
using Headroom.Routing.AspNetCore.Forwarding;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Headroom.Routing.Benchmarks;

/// <summary>All that is told of one request, from its start to its end, without the request. <c>bench/wire</c> has what a whole request takes.</summary>
[MemoryDiagnoser]
public class TelemetryBenchmarks
{
    private readonly DefaultHttpContext _context = new();
    private readonly UpstreamDecision _decision;
    private readonly RequestTelemetry _telemetry;

    public TelemetryBenchmarks()
    {
        var resolver = UpstreamResolver.Create(new HeadroomOptions());
        _context.Request.Method = "POST";
        _context.Request.Headers[HeadroomHeaders.Upstream] = "https://api.deepseek.com/v1";
        _decision = resolver.Explain("POST", "/v1/chat/completions", _context.Request.Headers).Decision;
        var factory = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();
        _telemetry = new RequestTelemetry(new ForwardingMeter(factory), NullLoggerFactory.Instance);
    }

    /// <summary>Who listens.</summary>
    [Params("nobody", "metrics", "OpenTelemetry's metrics", "spans")]
    public string Listener { get; set; } = "";

    [GlobalSetup]
    public void Listen()
    {
        if (Listener == "metrics")
        {
            var listener = new MeterListener { InstrumentPublished = static (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
            listener.SetMeasurementEventCallback<long>(static (_, _, _, _) => { });
            listener.SetMeasurementEventCallback<double>(static (_, _, _, _) => { });
            listener.Start();
        }
        else if (Listener == "OpenTelemetry's metrics")
        {
            _ = Sdk.CreateMeterProviderBuilder().AddMeter("Headroom.Routing").AddReader(new BaseExportingMetricReader(new NoExporter())).Build();
        }
        else if (Listener == "spans")
        {
            ActivitySource.AddActivityListener(new ActivityListener
            {
                ShouldListenTo = static _ => true,
                Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            });
        }
    }

    [Benchmark]
    public void From_start_to_end()
    {
        _context.Features.Set(_decision);
        var isCounted = _telemetry.CountInFlight(_decision.Target!);
        using (var activity = UpstreamActivity.Start("POST", _decision))
        {
            using var transfer = Transfer.Start(TimeSpan.FromMinutes(30), CancellationToken.None);
            transfer.Sent(4096);
            transfer.Received(1024);
            _telemetry.End(_context, _decision, transfer.Count, activity, failure: null);
        }

        if (isCounted)
        {
            _telemetry.CountEnded(_decision.Target!);
        }
    }

    private sealed class NoExporter : BaseExporter<Metric>
    {
        public override ExportResult Export(in Batch<Metric> batch) => ExportResult.Success;
    }
}
