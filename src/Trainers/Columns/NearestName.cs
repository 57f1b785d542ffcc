namespace Sconce.Trainers;

/// <summary>Finds what a mistyped name was meant to be.</summary>
internal static class NearestName
{
    /// <summary>The name that the fewest insertions, deletions and replacements of characters (Levenshtein 1966; case does not count) lead to; null where more than a third of the name would have to be changed.</summary>
    public static string? Of(string name, IEnumerable<string> names) => names
        .Select(candidate => (Name: candidate, Distance: Distance(name.ToUpperInvariant(), candidate.ToUpperInvariant())))
        .Where(candidate => candidate.Distance <= Math.Max(1, name.Length / 3))
        .OrderBy(candidate => candidate.Distance)
        .Select(candidate => candidate.Name)
        .FirstOrDefault();

    /// <summary>What follows the name in a sentence: " (did you mean 'Image'?)", or nothing.</summary>
    public static string Question(string name, IEnumerable<string> names) => Of(name, names) is { } nearest ? $" (did you mean '{nearest}'?)" : "";

    private static int Distance(string from, string to)
    {
        var above = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var current = new int[to.Length + 1];
            current[0] = i;
            for (var j = 1; j <= to.Length; j++)
                current[j] = Math.Min(Math.Min(above[j], current[j - 1]) + 1, above[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1));
            above = current;
        }

        return above[^1];
    }
}
