namespace Headroom.Routing.AspNetCore.Configuration;

/// <summary>Guesses what a misspelled name was meant to be.</summary>
internal static class ClosestName
{
    /// <returns>The known name that takes the fewest typing errors, unless it takes too many for a guess.</returns>
    internal static string? Find(string name, IEnumerable<string> known)
    {
        var closest = known.MinBy(candidate => Distance(name, candidate));
        return closest is not null && Distance(name, closest) <= Math.Max(1, closest.Length / 3) ? closest : null;
    }

    // Levenshtein: how many letters have to be added, removed or replaced.
    private static int Distance(string x, string y)
    {
        var previous = Enumerable.Range(0, y.Length + 1).ToArray();
        for (var i = 1; i <= x.Length; i++)
        {
            var current = new int[y.Length + 1];
            current[0] = i;
            for (var j = 1; j <= y.Length; j++)
            {
                var replaced = char.ToUpperInvariant(x[i - 1]) == char.ToUpperInvariant(y[j - 1]) ? 0 : 1;
                current[j] = Math.Min(Math.Min(current[j - 1], previous[j]) + 1, previous[j - 1] + replaced);
            }

            previous = current;
        }

        return previous[^1];
    }
}
