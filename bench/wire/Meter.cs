using System.Diagnostics;

namespace Headroom.Routing.Wire;

/// <summary>What a proxy used between two moments.</summary>
internal sealed class Meter(MeasuredProcess? process)
{
    private readonly Stopwatch _clock = new();
    private TimeSpan _cpuBefore;
    private long _allocatedBefore;

    internal TimeSpan Elapsed => _clock.Elapsed;

    internal TimeSpan? Cpu { get; private set; }

    internal long? AllocatedBytes { get; private set; }

    internal long? PeakKilobytes { get; private set; }

    internal void Start()
    {
        if (process is not null)
        {
            process.ForgetPeak();
            _allocatedBefore = process.ReadAllocatedBytes() ?? 0;
            _cpuBefore = process.ReadCpu();
        }

        _clock.Restart();
    }

    internal void Stop()
    {
        _clock.Stop();
        if (process is not null)
        {
            Cpu = process.ReadCpu() - _cpuBefore;
            AllocatedBytes = process.ReadAllocatedBytes() - _allocatedBefore;
            PeakKilobytes = process.ReadKilobytes("VmHWM");
        }
    }
}
