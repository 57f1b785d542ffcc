namespace Sconce.Docs.Tests;

/// <summary>A program in <c>docs/snippets</c>, whose regions the pages show.</summary>
internal static class Snippet
{
    public static IReadOnlyList<string> Names { get; } =
        [.. NamesIn("docs/snippets")];

    /// <summary>The files of the example in CONTRIBUTING.md, which are compiled with these tests.</summary>
    private static IEnumerable<string> Contributing { get; } = [.. NamesIn("docs/snippets/contributing").Select(name => $"contributing/{name}")];

    /// <summary>All that a page may show of the snippets: each whole program, and each region with the indentation taken off.</summary>
    public static IEnumerable<string> Texts()
    {
        foreach (var name in Names.Concat(Contributing))
        {
            var lines = Lines(name);
            yield return Join(lines.Where(line => !IsMark(line)));
            for (var i = 0; i < lines.Length; i++)
            {
                if (lines[i].TrimStart().StartsWith("#region", StringComparison.Ordinal))
                    yield return Join(Unindented([.. lines[(i + 1)..].TakeWhile(line => line.Trim() != "#endregion")]));
            }
        }
    }

    /// <summary>The names of a program's regions.</summary>
    public static IEnumerable<string> RegionsOf(string name) =>
        Lines(name).Select(line => line.Trim()).Where(line => line.StartsWith("#region ", StringComparison.Ordinal)).Select(line => line["#region ".Length..]);

    private static IEnumerable<string> NamesIn(string folder) =>
        Directory.GetFiles(Repository.PathOf(folder), "*.cs").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal);

    private static string[] Lines(string name) => Repository.Read($"docs/snippets/{name}.cs").ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');

    private static bool IsMark(string line) => line.TrimStart().StartsWith("#region", StringComparison.Ordinal) || line.Trim() == "#endregion";

    private static IEnumerable<string> Unindented(List<string> lines)
    {
        var indentation = lines.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return lines.Select(line => line.Length == 0 ? line : line[indentation..]);
    }

    private static string Join(IEnumerable<string> lines) => string.Join('\n', lines).Trim('\n');
}
