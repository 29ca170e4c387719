namespace Headroom.Routing.Wire;

/// <summary>What a proxy used between two moments.</summary>
/// <param name="User">CPU time in user mode: the work of the proxy's own code.</param>
/// <param name="Kernel">CPU time in the kernel.</param>
/// <param name="ContextSwitches">How often its threads gave way, of themselves or not.</param>
/// <param name="AllocatedBytes">Of a .NET process; <see langword="null"/> for others.</param>
/// <param name="PeakKilobytes">The most memory that was resident.</param>
internal sealed record Usage(TimeSpan User, TimeSpan Kernel, long ContextSwitches, long? AllocatedBytes, long PeakKilobytes)
{
    internal TimeSpan Cpu => User + Kernel;
}
