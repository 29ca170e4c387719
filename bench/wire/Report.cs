using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Headroom.Routing.Wire;

/// <summary>Writes the figures: a table for each load, and every single run for whoever counts again.</summary>
internal static class Report
{
    internal static string Markdown(IReadOnlyList<Sample> samples, Settings settings)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd}, {Processor()}, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}.");
        text.AppendLine(CultureInfo.InvariantCulture, $"Rounds: {settings.Rounds} of {settings.Duration.TotalSeconds} s after {settings.Warm.TotalSeconds} s of warming; proxy on one core, load and upstream on the others; {settings.Connections} connections.");
        text.AppendLine(settings.Processes == 1
            ? "Figures are medians (least–most over the rounds)."
            : $"Figures are medians of all rounds of all processes, {settings.Processes} of each mode (least–most of the processes' own medians; where each run has a process of its own, over the rounds).");
        text.AppendLine("Ratios are of units per CPU-second, to `MapForwarder` in the same round: in the same kind of app, and in the bare one. Time in user mode is the work of a proxy's own code.");
        text.AppendLine("Added times are to direct. Where requests are sent as fast as they are answered, these tell the length of a queue; the load with a fixed rate tells the delay.");

        foreach (var load in settings.Loads)
        {
            var ofLoad = samples.Where(sample => sample.Load == load).ToArray();
            text.AppendLine();
            text.AppendLine(CultureInfo.InvariantCulture, $"### {load.TitleFor(settings)}");
            text.AppendLine();
            AppendTable(text, load, settings, ofLoad);
        }

        return text.ToString();
    }

    /// <summary>All runs, separated by tabs.</summary>
    internal static IEnumerable<string> Lines(IReadOnlyList<Sample> samples) =>
    [
        "load\tmode\tprocess\tround\tcount\tseconds\tuser_seconds\tkernel_seconds\tswitches_per_unit\tallocated_bytes\tpeak_kb\tp50_ms\tp99_ms\tkb_per_stream",
        .. samples.Select(sample => string.Create(
            CultureInfo.InvariantCulture,
            $"{sample.Load.Name}\t{sample.Mode.Name}\t{sample.Process}\t{sample.Round}\t{sample.Outcome.Count}\t{sample.Elapsed.TotalSeconds:F3}\t{sample.Usage?.User.TotalSeconds:F2}\t{sample.Usage?.Kernel.TotalSeconds:F2}\t{sample.ContextSwitchesPerUnit:F3}\t{sample.Usage?.AllocatedBytes}\t{sample.Usage?.PeakKilobytes}\t{sample.Outcome.P50:F3}\t{sample.Outcome.P99:F3}\t{sample.Outcome.KilobytesPerStream:F1}")),
    ];

    private static void AppendTable(StringBuilder text, Load load, Settings settings, Sample[] samples)
    {
        var unit = load.Unit;
        var units = unit == "MB" ? unit : unit + "s";
        var streams = (load as StreamsLoad)?.CountFor(settings);
        var header = $"| mode | {units}/s | {units}/CPU-second | same kind | bare | user µs/{unit} | core in use | added p50, ms | added p99, ms | bytes allocated/{unit} | peak RSS, MB |"
            + (streams is not null ? " CPU/stream, µs/s |" : "")
            + (load.NeedsFreshProcess ? " KB/stream |" : "");
        text.AppendLine(header);
        text.Append("|---|").AppendLine(string.Concat(Enumerable.Repeat("--:|", header.Count(c => c == '|') - 2)));

        var direct = Of(samples, Mode.Direct);
        foreach (var mode in settings.Modes)
        {
            var own = Of(samples, mode);
            text.Append(CultureInfo.InvariantCulture, $"| {mode.Title} | {Cell(own, sample => sample.PerSecond, "N0")} | {Cell(own, sample => sample.PerCpuSecond, "N0")} ");
            text.Append(CultureInfo.InvariantCulture, $"| {Ratio(own, Of(samples, mode.Base))} | {Ratio(own, Of(samples, Mode.Forwarder))} | {Cell(own, sample => sample.UserMicrosecondsPerUnit, "N1")} | {Cell(own, sample => sample.Busy, "P0", spread: false)} ");
            text.Append(CultureInfo.InvariantCulture, $"| {Added(own, direct, sample => sample.Outcome.P50)} | {Added(own, direct, sample => sample.Outcome.P99)} ");
            text.Append(CultureInfo.InvariantCulture, $"| {Cell(own, sample => sample.AllocatedPerUnit, "N0")} | {Cell(own, sample => sample.PeakMegabytes, "N0", spread: false)} |");
            if (streams is not null)
            {
                text.Append(CultureInfo.InvariantCulture, $" {Cell(own, sample => sample.Busy * 1_000_000 / streams, "N0")} |");
            }

            // A process that has run before has memory left for new streams.
            if (load.NeedsFreshProcess)
            {
                text.Append(CultureInfo.InvariantCulture, $" {Cell(own, sample => sample.Outcome.KilobytesPerStream, "N1")} |");
            }

            text.AppendLine();
        }
    }

    private static Sample[] Of(Sample[] samples, Mode mode) => [.. samples.Where(sample => sample.Mode == mode)];

    private static string Cell(Sample[] samples, Func<Sample, double?> figure, string format, bool spread = true) =>
        Cell(samples.ToLookup(sample => sample.Process, figure), format, spread);

    private static string Ratio(Sample[] samples, Sample[] bases) =>
        Compared(samples, bases, (own, other) => own.PerCpuSecond / other.PerCpuSecond);

    private static string Added(Sample[] samples, Sample[] direct, Func<Sample, double> figure) =>
        Compared(samples, direct, (own, other) => own.Mode == other.Mode ? null : figure(own) - figure(other));

    /// <summary>Each run with that of the other mode in the same round, which is near in time, and of the process with the same number.</summary>
    private static string Compared(Sample[] samples, Sample[] others, Func<Sample, Sample, double?> compare) => Cell(
        samples.Join(others, Key, Key, (own, other) => (own.Process, Figure: compare(own, other))).ToLookup(pair => pair.Process, pair => pair.Figure), "N2");

    private static (int Round, int Process) Key(Sample sample) => (sample.Round, sample.Process);

    /// <summary>The median of all and, where there are several, how far the processes are apart, or the rounds of a single one.</summary>
    private static string Cell(ILookup<int, double?> figures, string format, bool spread = true)
    {
        double[][] processes = [.. figures.Select(process => process.OfType<double>().ToArray()).Where(process => process.Length > 0)];
        double[] all = [.. processes.SelectMany(process => process)];
        if (all.Length == 0)
        {
            return "";
        }

        var apart = processes.Length > 1 ? [.. processes.Select(Figures.Median)] : all;
        return spread && apart.Length > 1 ? $"{Text(Figures.Median(all))} ({Text(apart.Min())}–{Text(apart.Max())})" : Text(Figures.Median(all));

        string Text(double value) => value.ToString(format, CultureInfo.InvariantCulture);
    }

    private static string Processor() =>
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown processor";
}
