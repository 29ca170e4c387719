namespace Headroom.Routing.Resolution;

/// <summary>What a setting that is a timeout may be.</summary>
internal static class TimeoutRule
{
    /// <returns>What is wrong with it, under its configuration key; <see langword="null"/> if nothing is.</returns>
    internal static string? Check(TimeSpan? timeout, string key) =>
        // Timers hold some 24 days.
        timeout <= TimeSpan.Zero || timeout?.TotalMilliseconds > int.MaxValue
            ? $"{HeadroomOptions.SectionName}:{key}: must be longer than zero and shorter than 24 days, such as 00:00:10."
            : null;
}
