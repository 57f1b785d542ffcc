using System.CommandLine;
using Sconce.Trainers;

namespace Sconce.Host.Commands;

/// <summary>Looks at where a command will write before it does any work.</summary>
internal static class OutputArgument
{
    /// <summary>Reads the option, and refuses a path that cannot be written or that is also read.</summary>
    public static string CheckOutput(this ParseResult result, Option<string> output, params IReadOnlyList<string> read)
    {
        var path = result.GetValue(output)!;
        if (read.FirstOrDefault(name => Path.GetFullPath(name) == Path.GetFullPath(path)) is { } own)
            throw new UsageException($"--output is '{own}', which is read: it would be overwritten. Choose another path.");
        AtomicFile.CheckWritable(path);
        return path;
    }
}
