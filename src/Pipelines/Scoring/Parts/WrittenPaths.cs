using Sconce.Core.Errors;
using Sconce.Core.Storage;

namespace Sconce.Pipelines.Scoring.Parts;

/// <summary>Checks that a run does not overwrite a file that it reads, or a file of another kind.</summary>
internal static class WrittenPaths
{
    private const string Property = nameof(FileScoringOptions.QuarantinePath);

    /// <summary>Checks the paths before anything is written.</summary>
    /// <param name="model">The model, which is read.</param>
    /// <param name="inputs">The other files that are read.</param>
    /// <param name="output">The file of the rows; null where they go to a stream.</param>
    /// <param name="quarantine">The file of bad rows; null for none.</param>
    /// <exception cref="ArgumentException">A path is given twice.</exception>
    /// <exception cref="IOException">The quarantine exists, and is another kind of file.</exception>
    public static void Check(string model, IReadOnlyList<string> inputs, string? output, string? quarantine)
    {
        if (IsSame(model, output))
            throw new ArgumentException($"'{output}' is both the model and the output. Choose another output.").About(file: output);
        if (quarantine is not null)
        {
            if (IsSame(quarantine, output))
            {
                throw new ArgumentException($"'{output}' is both the output and the quarantine. Choose another path for one of them.")
                    .About(property: Property, file: output);
            }

            if (IsSame(model, quarantine) || inputs.Any(input => IsSame(input, quarantine)))
            {
                throw new ArgumentException($"'{quarantine}' is both an input and the quarantine, which would overwrite it. Choose another path for the quarantine.")
                    .About(property: Property, file: quarantine);
            }

            // Only a file that a run has written is replaced.
            if (File.Exists(quarantine) && !Quarantine.IsOne(quarantine))
            {
                throw new IOException($"'{quarantine}' exists and is not a quarantine. Choose another path for the quarantine.")
                    .About(property: Property, file: quarantine);
            }
        }

        if (inputs.FirstOrDefault(input => IsSame(input, output)) is { } read)
            throw new ArgumentException($"'{read}' is both an input and the output. Choose another output.").About(file: read);
    }

    /// <summary>Checks that a path is a file or does not exist: anything else would be replaced by a file.</summary>
    /// <exception cref="IOException">It is a link, a pipe, a socket or a device.</exception>
    public static void RequireFile(string path) => SpecialFile.Refuse(path, "Choose another path, or '-' for standard output.");

    /// <summary>
    /// Checks that the folder of an output's parts and its files are not links, through which files elsewhere would be written or deleted.
    /// </summary>
    /// <exception cref="IOException">One of them is a link.</exception>
    public static void RequireNoLinks(string parts, string output, Func<string, bool> isOurs)
    {
        var folder = new DirectoryInfo(parts);
        if (folder.LinkTarget is { } elsewhere)
        {
            throw new IOException($"'{parts}' is a link to '{elsewhere}'; the parts of '{output}' are written to a folder of that name. Delete the link, or choose another output.")
                .About(file: parts);
        }

        if (folder.Exists && folder.EnumerateFileSystemInfos().FirstOrDefault(entry => entry.LinkTarget is not null && isOurs(entry.Name)) is { } link)
        {
            throw new IOException($"'{link.FullName}' is a link to '{link.LinkTarget}', which no run created. Delete it, or choose another output.")
                .About(file: link.FullName);
        }
    }

    private static bool IsSame(string one, string? other) => other is not null && RealPath.Of(one) == RealPath.Of(other);
}
