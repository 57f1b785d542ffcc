namespace Sconce.Pipelines;

/// <summary>What a run writes is nothing that it reads, and replaces no file of another kind.</summary>
internal static class WrittenPaths
{
    /// <summary>Checks the paths before anything is written.</summary>
    /// <param name="run">What is read.</param>
    /// <param name="output">The file of the rows.</param>
    /// <param name="quarantine">The file of those that cannot be used; null for none.</param>
    /// <exception cref="ArgumentException">A path is given twice.</exception>
    /// <exception cref="IOException">The quarantine exists, and is none.</exception>
    public static void Check(ScoringRun run, string output, string? quarantine)
    {
        if (IsSame(run.Model.Path, output))
            throw new ArgumentException($"'{output}' is the model and the output. Choose another output.");
        if (quarantine is not null)
        {
            if (IsSame(quarantine, output))
                throw new ArgumentException($"'{output}' is the output and the quarantine. Choose another path for one of them.");
            if (IsSame(run.Model.Path, quarantine) || run.Inputs.Any(input => IsSame(input.Path, quarantine)))
                throw new ArgumentException($"'{quarantine}' is read, and is the quarantine as well: it would be overwritten. Choose another path for the quarantine.");
            // Only what such a run has written is replaced.
            if (File.Exists(quarantine) && !Quarantine.IsOne(quarantine))
                throw new IOException($"'{quarantine}' exists, and is no file of rows that were left out. Choose another path for the quarantine.");
        }

        if (run.Inputs.FirstOrDefault(input => IsSame(input.Path, output)) is { } read)
            throw new ArgumentException($"'{read.Path}' is an input and the output. Choose another output.");
    }

    private static bool IsSame(string one, string other) => Path.GetFullPath(one) == Path.GetFullPath(other);
}
