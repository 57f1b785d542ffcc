using System.IO.Enumeration;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>The files that a user has named: one by one, by their folder, or by a pattern.</summary>
internal static class InputFiles
{
    private const string AnyFolders = "**";

    private static readonly char[] _separators = [Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar];

    /// <summary>
    /// Finds the files: a file is itself, though its name has a star in it; a folder is all files in it and in its folders; a pattern is what matches, * any
    /// part of a name, ? one character, ** any folders; <c>-</c> is the standard input. The files of a folder and of a pattern come sorted, letter by letter;
    /// hidden ones and those that are being written (.tmp, .part) are left out.
    /// </summary>
    /// <exception cref="FileNotFoundException">There is no such file, or nothing matches.</exception>
    public static IReadOnlyList<string> Find(IEnumerable<string> inputs) => [.. inputs.SelectMany(Find)];

    /// <summary>Whether a name is of a file that is hidden or not yet complete.</summary>
    public static bool IsPassedOver(string name) =>
        name.StartsWith('.') || name.EndsWith(".tmp", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".part", StringComparison.OrdinalIgnoreCase);

    private static IReadOnlyList<string> Find(string input)
    {
        if (input == FileScorer.StandardStream || File.Exists(input))
            return [input];
        if (Directory.Exists(input))
            return Sort(Match(input, (string[])[AnyFolders, "*"])) is { Count: > 0 } files ? files : throw new FileNotFoundException($"'{input}' has no files.", input);
        if (!IsPattern(input))
            throw Missing(input);
        var parts = input.Split(_separators);
        var fixedParts = parts.TakeWhile(part => !IsPattern(part)).ToList();
        var folder = string.Join(Path.DirectorySeparatorChar, fixedParts);
        // A path that begins with a separator has an empty first part.
        folder = folder.Length == 0 && fixedParts.Count > 0 ? $"{Path.DirectorySeparatorChar}" : folder;
        return Sort(Match(folder, parts.AsMemory(fixedParts.Count))) is { Count: > 0 } found ? found
            : throw new FileNotFoundException($"No file matches '{input}'.", input);
    }

    private static bool IsPattern(string text) => text.AsSpan().ContainsAny('*', '?');

    private static List<string> Sort(IEnumerable<string> files) => [.. files.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Match(string folder, ReadOnlyMemory<string> parts)
    {
        // The current folder has no name in what is found.
        var place = folder.Length == 0 ? "." : folder;
        if (!Directory.Exists(place))
            return [];
        var (part, rest) = (parts.Span[0], parts[1..]);
        if (part == AnyFolders)
            return Match(folder, rest.IsEmpty ? (string[])["*"] : rest).Concat(Names(Directory.EnumerateDirectories(place), "*").SelectMany(name => Match(Path.Combine(folder, name), parts)));
        return rest.IsEmpty
            ? Names(Directory.EnumerateFiles(place), part).Select(name => Path.Combine(folder, name))
            : IsPattern(part) ? Names(Directory.EnumerateDirectories(place), part).SelectMany(name => Match(Path.Combine(folder, name), rest)) : Match(Path.Combine(folder, part), rest);
    }

    private static IEnumerable<string> Names(IEnumerable<string> paths, string pattern) => paths.Select(path => Path.GetFileName(path))
        .Where(name => (!IsPassedOver(name) || pattern.StartsWith('.')) && FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false));

    private static FileNotFoundException Missing(string input)
    {
        var folder = Path.GetDirectoryName(input) is { Length: > 0 } named ? named : ".";
        var others = Directory.Exists(folder) ? Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path)) : [];
        return new($"There is no input file '{input}'{NearestName.Question(Path.GetFileName(input), others)}.", input);
    }
}
