namespace Headroom.Routing.Wire;

/// <summary>One run of one load through one process of a mode.</summary>
internal sealed record Sample(Mode Mode, Load Load, int Process, int Round, Outcome Outcome, TimeSpan Elapsed, Usage? Usage)
{
    internal double PerSecond => Outcome.Count / Elapsed.TotalSeconds;

    /// <summary>Units for each second of the proxy's CPU time.</summary>
    internal double? PerCpuSecond => Outcome.Count / Usage?.Cpu.TotalSeconds;

    /// <summary>How much of its core the proxy used.</summary>
    internal double? Busy => Usage?.Cpu / Elapsed;

    internal double? UserMicrosecondsPerUnit => Usage?.User.TotalMicroseconds / Outcome.Count;

    internal double? ContextSwitchesPerUnit => Usage?.ContextSwitches / Outcome.Count;

    internal double? AllocatedPerUnit => Usage?.AllocatedBytes / Outcome.Count;

    internal double? PeakMegabytes => Usage?.PeakKilobytes / 1024d;
}
