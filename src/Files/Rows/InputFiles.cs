using System.IO.Enumeration;
using Sconce.Core.Errors;
using Sconce.Core.Storage;

namespace Sconce.Files.Rows;

/// <summary>Finds the files of paths, folders and patterns, always in the same order.</summary>
internal static class InputFiles
{
    /// <summary>The name of standard input.</summary>
    public const string StandardInput = "-";

    private const string AnyFolders = "**";

    private const string MacFolder = "__MACOSX";

    private static readonly string[] _unfinished = [".tmp", ".part"];

    private static readonly string[] _anyFile = ["*"];

    private static readonly bool _ignoresCase = OperatingSystem.IsWindows() || OperatingSystem.IsMacOS();

    /// <summary>Whether a name is that of a hidden or unfinished file: it begins with a point, or ends in <c>.tmp</c> or <c>.part</c>, ignoring case.</summary>
    public static bool IsUnfinished(string name) => IsHidden(name) || Array.Exists(_unfinished, ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    /// <summary>Finds the files of the inputs, in order; those of one input are sorted by their paths (ordinal).</summary>
    /// <param name="inputs">
    /// Files; folders, with all files in them and their subfolders, except hidden ones (<c>.name</c>, <c>__MACOSX</c>), those
    /// that Spark and Hive write beside rows (<c>_name</c>), those that end in <c>.tmp</c> or <c>.part</c>, and pipes and devices;
    /// patterns, in which <c>*</c> matches any characters of a name, <c>?</c> one character, and <c>**</c> any folders, but hidden names
    /// only after a dot, and names that begin with an underscore only after an underscore; or <c>-</c> for standard input. An existing path
    /// is not interpreted as a pattern.
    /// </param>
    /// <exception cref="FileNotFoundException">An input matches no file; the message names it, and the nearest name.</exception>
    /// <exception cref="ArgumentException">Standard input is named twice.</exception>
    public static IReadOnlyList<string> Find(IEnumerable<string> inputs)
    {
        List<string> files = [.. inputs.SelectMany(Find)];
        return files.Count(file => file == StandardInput) <= 1 ? files
            : throw new ArgumentException($"Standard input ('{StandardInput}') is named more than once; it can be read only once.", nameof(inputs))
                .About(file: StandardInput);
    }

    private static List<string> Find(string input)
    {
        if (input == StandardInput)
            return [input];
        RealPath.RequireTarget(input);
        if (File.Exists(input))
            return [input];
        var segments = input[(Path.GetPathRoot(input)?.Length ?? 0)..].Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries);
        var isFolder = Directory.Exists(input);
        if (!isFolder && !segments.Any(IsPattern))
            throw new FileNotFoundException($"There is no input file '{input}'{Nearest(input)}.", input).About(file: input);
        var files = isFolder ? FilesUnder(input) : Match(Path.GetPathRoot(input) ?? "", segments);
        List<string> sorted = [.. files.Distinct().Order(StringComparer.Ordinal)];
        return sorted.Count > 0 ? sorted : throw new FileNotFoundException(isFolder
            ? $"'{input}' has no files. Names that start with a point or an underscore, and those that end in {string.Join(" or ", _unfinished)}, are ignored."
            : DescribeMiss(input, segments), input).About(file: input);
    }

    private static bool IsPattern(string segment) => segment.AsSpan().ContainsAny('*', '?');

    private static IEnumerable<string> FilesUnder(string folder) => Names(folder).Where(name => !IsUnfinished(name) && !IsBesideRows(name))
        .Select(name => Path.Combine(folder, name)).SelectMany(path => !Directory.Exists(path) ? SpecialFile.Is(path) ? [] : [path] : IsLoop(path) ? [] : FilesUnder(path));

    /// <summary>The files below a folder that match the segments of a pattern.</summary>
    private static IEnumerable<string> Match(string folder, ReadOnlyMemory<string> segments)
    {
        var (first, rest) = (segments.Span[0], segments[1..]);
        var next = Path.Combine(folder, first);
        if (!IsPattern(first) || Path.Exists(next))
            return rest.Length > 0 ? Match(next, rest) : File.Exists(next) ? [next] : [];
        if (first == AnyFolders)
        {
            var below = Names(folder).Where(name => !IsHidden(name) && !IsBesideRows(name)).Select(name => Path.Combine(folder, name)).Where(path => Directory.Exists(path) && !IsLoop(path)).SelectMany(path => Match(path, segments));
            return below.Concat(Match(folder, rest.Length > 0 ? rest : _anyFile));
        }

        var matches = Names(folder).Where(name => (!IsHidden(name) || IsHidden(first)) && (!IsBesideRows(name) || IsBesideRows(first)) && FileSystemName.MatchesSimpleExpression(first, name, _ignoresCase)).Select(name => Path.Combine(folder, name));
        return rest.Length > 0 ? matches.Where(Directory.Exists).SelectMany(path => Match(path, rest)) : matches.Where(path => !Directory.Exists(path) && !SpecialFile.Is(path));
    }

    private static List<string> Names(string folder)
    {
        var listed = new DirectoryInfo(folder.Length == 0 ? "." : folder);
        return listed.Exists ? [.. listed.EnumerateFileSystemInfos().Select(entry => entry.Name)] : [];
    }

    /// <summary>Whether a name is hidden, or is that of the metadata folder in macOS archives.</summary>
    public static bool IsHidden(string name) => name.StartsWith('.') || name == MacFolder;

    /// <summary>Whether a name is that of metadata that programs write beside rows: <c>_SUCCESS</c>, <c>_delta_log</c>.</summary>
    public static bool IsBesideRows(string name) => name.StartsWith('_');

    /// <summary>Whether a folder is a link to one of its parents.</summary>
    private static bool IsLoop(string folder)
    {
        var link = new DirectoryInfo(folder);
        return link.LinkTarget is not null && link.ResolveLinkTarget(returnFinalTarget: true) is { } target
            && Path.GetFullPath(folder).StartsWith(Path.TrimEndingDirectorySeparator(target.FullName) + Path.DirectorySeparatorChar, StringComparison.Ordinal);
    }

    private static string DescribeMiss(string input, string[] segments)
    {
        var literal = segments.TakeWhile(segment => !IsPattern(segment)).ToArray();
        var folder = Path.Combine([Path.GetPathRoot(input) ?? "", .. literal]);
        var isThere = folder.Length == 0 || Directory.Exists(folder);
        return $"No file matches '{Path.Combine(segments[literal.Length..])}' in '{(folder.Length == 0 ? "." : folder)}'{(isThere ? "" : $", which does not exist{Nearest(folder)}")}.";
    }

    /// <summary>The nearest name in the same folder.</summary>
    private static string Nearest(string path)
    {
        var (folder, name) = (Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(path)) ?? "", Path.GetFileName(Path.TrimEndingDirectorySeparator(path)));
        return NearestName.Of(name, Names(folder).Order(StringComparer.Ordinal)) is { } nearest ? $" (did you mean '{Path.Combine(folder, nearest)}'?)" : "";
    }
}
