namespace Sconce.Core.Errors;

/// <summary>Suggests the name that a mistyped one was meant to be.</summary>
internal static class NearestName
{
    /// <summary>
    /// The name with the smallest Damerau-Levenshtein distance (Damerau, 1964), ignoring case; null if it exceeds a third of the name's length.
    /// </summary>
    public static string? Of(string name, IEnumerable<string> names) => names
        .Select(candidate => (Name: candidate, Distance: Distance(name.ToUpperInvariant(), candidate.ToUpperInvariant())))
        .Where(candidate => candidate.Distance <= Math.Max(1, name.Length / 3))
        .OrderBy(candidate => candidate.Distance)
        .Select(candidate => candidate.Name)
        .FirstOrDefault();

    /// <summary>A question to put after the name in a sentence: " (did you mean 'Image'?)", or nothing.</summary>
    public static string Question(string name, IEnumerable<string> names) => Of(name, names) is { } nearest ? $" (did you mean '{nearest}'?)" : "";

    private static int Distance(string from, string to)
    {
        var steps = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++)
        {
            for (var j = 0; j <= to.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    steps[i, j] = i + j;
                    continue;
                }

                steps[i, j] = Math.Min(Math.Min(steps[i - 1, j], steps[i, j - 1]) + 1, steps[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                    steps[i, j] = Math.Min(steps[i, j], steps[i - 2, j - 2] + 1);
            }
        }

        return steps[from.Length, to.Length];
    }
}
