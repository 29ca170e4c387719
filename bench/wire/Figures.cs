namespace Headroom.Routing.Wire;

/// <summary>The little statistics that the tables need.</summary>
internal static class Figures
{
    internal static double Median(IEnumerable<double> values) => Percentile([.. values], 50);

    /// <summary>Between two values, the mean of the two at the median, the upper one otherwise.</summary>
    internal static double Percentile(double[] values, int percent)
    {
        if (values.Length == 0)
        {
            return double.NaN;
        }

        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return percent == 50
            ? sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
            : sorted[Math.Min(sorted.Length - 1, sorted.Length * percent / 100)];
    }
}
