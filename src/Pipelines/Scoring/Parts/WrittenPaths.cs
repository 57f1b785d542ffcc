using Sconce.Core.Storage;

namespace Sconce.Pipelines.Scoring.Parts;

/// <summary>What a run writes is nothing that it reads, and replaces no file of another kind.</summary>
internal static class WrittenPaths
{
    /// <summary>Checks the paths before anything is written.</summary>
    /// <param name="model">The model, which is read.</param>
    /// <param name="inputs">What else is read.</param>
    /// <param name="output">The file of the rows; null where they go to a stream.</param>
    /// <param name="quarantine">The file of those that cannot be used; null for none.</param>
    /// <exception cref="ArgumentException">A path is given twice.</exception>
    /// <exception cref="IOException">The quarantine exists, and is none.</exception>
    public static void Check(string model, IReadOnlyList<string> inputs, string? output, string? quarantine)
    {
        if (IsSame(model, output))
            throw new ArgumentException($"'{output}' is the model and the output. Choose another output.");
        if (quarantine is not null)
        {
            if (IsSame(quarantine, output))
                throw new ArgumentException($"'{output}' is the output and the quarantine. Choose another path for one of them.");
            if (IsSame(model, quarantine) || inputs.Any(input => IsSame(input, quarantine)))
                throw new ArgumentException($"'{quarantine}' is read, and is the quarantine as well: it would be overwritten. Choose another path for the quarantine.");
            // Only what such a run has written is replaced.
            if (File.Exists(quarantine) && !Quarantine.IsOne(quarantine))
                throw new IOException($"'{quarantine}' exists, and is no file of rows that were left out. Choose another path for the quarantine.");
        }

        if (inputs.FirstOrDefault(input => IsSame(input, output)) is { } read)
            throw new ArgumentException($"'{read}' is an input and the output. Choose another output.");
    }

    /// <summary>Checks that a path is of a file, or of none yet: what else has a file's name would be replaced by one.</summary>
    /// <exception cref="IOException">It is a link, a pipe, a socket or a device.</exception>
    public static void RequireFile(string path) => SpecialFile.Refuse(path, "Choose another path, or '-' for the standard output.");

    private static bool IsSame(string one, string? other) => other is not null && RealPath.Of(one) == RealPath.Of(other);
}
