using System.CommandLine;
using Sconce.Core.Storage;

namespace Sconce.Host.Commands;

/// <summary>Looks at where a command will write before it does any work.</summary>
internal static class OutputArgument
{
    /// <summary>The ending of a picture.</summary>
    public const string Picture = ".png";

    /// <summary>Reads the option, and refuses a path that cannot be written, that is also read, or that ends in something else than <paramref name="endings"/>, if there are any.</summary>
    public static string CheckOutput(this ParseResult result, Option<string> output, IReadOnlyList<string> endings, params IReadOnlyList<string> read) =>
        Check(output.Name, result.GetValue(output)!, endings, read);

    /// <inheritdoc cref="CheckOutput(ParseResult, Option{string}, IReadOnlyList{string}, IReadOnlyList{string})"/>
    public static string CheckOutput(this ParseResult result, Argument<string> output, IReadOnlyList<string> endings, params IReadOnlyList<string> read) =>
        Check(output.Name, result.GetValue(output)!, endings, read);

    /// <inheritdoc cref="CheckOutput(ParseResult, Option{string}, IReadOnlyList{string}, IReadOnlyList{string})"/>
    public static string Check(string name, string path, IReadOnlyList<string> endings, IReadOnlyList<string> read)
    {
        if (endings.Count > 0 && !endings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)))
            throw new UsageException($"{name} is '{path}'; it has to end in {string.Join(", ", endings)}{(endings.Count > 1 ? ", which decides the format" : "")}.");
        if (read.FirstOrDefault(name => Path.GetFullPath(name) == Path.GetFullPath(path)) is { } own)
            throw new UsageException($"{name} is '{own}', which is read: it would be overwritten. Choose another path.");
        AtomicFile.CheckWritable(path);
        return path;
    }
}
