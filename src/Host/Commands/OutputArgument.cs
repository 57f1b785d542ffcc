using System.CommandLine;
using Sconce.Core.Storage;
using Sconce.Files.Rows;

namespace Sconce.Host.Commands;

/// <summary>Checks where a command will write before it does any work.</summary>
internal static class OutputArgument
{
    /// <summary>The ending of an image file.</summary>
    public const string Picture = ".png";

    /// <summary>
    /// Reads the option, and checks that the path can be written, is not also an input, and ends in one of <paramref name="endings"/>.
    /// </summary>
    public static string CheckOutput(this ParseResult result, Option<string> output, IReadOnlyList<string> endings, params IReadOnlyList<string> read) =>
        Check(output.Name, result.GetValue(output)!, endings, read);

    /// <summary>Checks the output of a command that reads rows: it must not be a file that one of their folders or patterns names either.</summary>
    /// <inheritdoc cref="CheckOutput(ParseResult, Option{string}, IReadOnlyList{string}, IReadOnlyList{string})"/>
    public static string CheckOutput(
        this ParseResult result, Option<string> output, IReadOnlyList<string> endings, IReadOnlyList<string> read, IReadOnlyList<string> rows)
    {
        var path = result.CheckOutput(output, endings, [.. read, .. rows]);
        RefuseInput(output.Name, path, InputFiles.Find(rows));
        return path;
    }

    /// <inheritdoc cref="CheckOutput(ParseResult, Option{string}, IReadOnlyList{string}, IReadOnlyList{string})"/>
    public static string CheckOutput(this ParseResult result, Argument<string> output, IReadOnlyList<string> endings, params IReadOnlyList<string> read) =>
        Check(output.Name, result.GetValue(output)!, endings, read);

    /// <inheritdoc cref="CheckOutput(ParseResult, Option{string}, IReadOnlyList{string}, IReadOnlyList{string})"/>
    public static string Check(string name, string path, IReadOnlyList<string> endings, IReadOnlyList<string> read)
    {
        if (endings.Count > 0 && !endings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)))
            throw new UsageException($"{name} is '{path}'; it has to end in {string.Join(", ", endings)}{(endings.Count > 1 ? " (the ending sets the format)" : "")}.");
        RefuseInput(name, path, read);
        AtomicFile.CheckWritable(path);
        return path;
    }

    private static void RefuseInput(string name, string path, IReadOnlyList<string> read)
    {
        if (read.FirstOrDefault(input => Path.GetFullPath(input) == Path.GetFullPath(path)) is { } own)
            throw new UsageException($"{name} is '{own}', which is also an input and would be overwritten. Choose another path.");
    }
}
