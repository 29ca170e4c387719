using System.Diagnostics;

namespace Headroom.Routing.Wire;

/// <summary>Reads what a proxy uses while it runs.</summary>
internal sealed class Meter(MeasuredProcess? process)
{
    private readonly Stopwatch _clock = new();
    private (TimeSpan User, TimeSpan Kernel) _cpuBefore;
    private Dictionary<string, long> _switchesBefore = [];
    private long? _allocatedBefore;

    internal TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>Between start and stop; <see langword="null"/> where there is no process.</summary>
    internal Usage? Usage { get; private set; }

    internal void Start()
    {
        if (process is not null)
        {
            process.ForgetPeak();
            _allocatedBefore = process.ReadAllocatedBytes();
            _switchesBefore = process.ReadContextSwitches();
            _cpuBefore = process.ReadCpu();
        }

        _clock.Restart();
    }

    internal void Stop()
    {
        _clock.Stop();
        if (process is not null)
        {
            var cpu = process.ReadCpu();
            var switches = process.ReadContextSwitches().Sum(thread => thread.Value - _switchesBefore.GetValueOrDefault(thread.Key));
            Usage = new Usage(cpu.User - _cpuBefore.User, cpu.Kernel - _cpuBefore.Kernel, switches, process.ReadAllocatedBytes() - _allocatedBefore, process.ReadKilobytes("VmHWM"));
        }
    }
}
