namespace Headroom.Routing.Wire;

/// <summary>One run of one load through one mode.</summary>
internal sealed record Sample(Mode Mode, Load Load, int Round, Outcome Outcome, TimeSpan Elapsed, TimeSpan? Cpu, long? AllocatedBytes, long? PeakKilobytes)
{
    internal double PerSecond => Outcome.Count / Elapsed.TotalSeconds;

    /// <summary>Units for each second of the proxy's CPU time.</summary>
    internal double? PerCpuSecond => Outcome.Count / Cpu?.TotalSeconds;

    /// <summary>How much of its core the proxy used.</summary>
    internal double? Busy => Cpu / Elapsed;

    internal double? AllocatedPerUnit => AllocatedBytes / Outcome.Count;

    internal double? PeakMegabytes => PeakKilobytes / 1024d;
}
