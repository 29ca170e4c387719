namespace Headroom.Routing.Wire;

/// <summary>What a load counted.</summary>
/// <param name="Count">How many units: requests, events, megabytes.</param>
/// <param name="P50">The median time, in milliseconds.</param>
/// <param name="P99">The time that one in a hundred exceeded, in milliseconds.</param>
/// <param name="Failures">How many requests failed, or were answered otherwise than by 200.</param>
internal sealed record Outcome(double Count, double P50, double P99, long Failures)
{
    /// <summary>How much the proxy's memory grew for each open stream, in KB; only slow streams tell.</summary>
    internal double? KilobytesPerStream { get; init; }

    internal static Outcome Of(double count, double[] milliseconds, long failures) =>
        new(count, Figures.Percentile(milliseconds, 50), Figures.Percentile(milliseconds, 99), failures);
}
