namespace Sconce.Trainers;

/// <summary>The files from which a training can be resumed, each named by the number of steps done.</summary>
internal sealed class CheckpointFolder(string path)
{
    private const string Extension = ".checkpoint";

    /// <summary>Their paths, the newest first.</summary>
    public IReadOnlyList<string> Files => Directory.Exists(path)
        ? [.. Directory.EnumerateFiles(path, $"*{Extension}").OrderByDescending(file => file, StringComparer.Ordinal)]
        : [];

    /// <summary>Writes the checkpoint of a step whole or not at all, then deletes all but the newest so many.</summary>
    /// <exception cref="IOException">It cannot be written; those before it are as they were.</exception>
    public void Write(int step, int keep, Action<Stream> write)
    {
        // As many digits always: names sort as numbers do.
        AtomicFile.Write(Path.Combine(path, $"step-{step:D10}{Extension}"), write);
        Keep(keep);
    }

    /// <summary>Reads the newest checkpoint that is whole; each newer one that is not is told of, and deleted.</summary>
    /// <returns>Null where there is none at all.</returns>
    /// <exception cref="InvalidDataException">There are some, and none is whole.</exception>
    public Checkpoint? ReadNewest(Action<string> warn)
    {
        var damaged = new List<(string File, string Reason)>();
        foreach (var file in Files)
        {
            try
            {
                var checkpoint = Checkpoint.Read(file);
                foreach (var (bad, reason) in damaged)
                {
                    warn($"{reason} The one before it is used, '{file}'.");
                    File.Delete(bad);
                }

                return checkpoint;
            }
            catch (InvalidDataException exception)
            {
                damaged.Add((file, exception.Message));
            }
        }

        return damaged is [] ? null : throw new InvalidDataException($"{damaged[0].Reason} There is no other that is whole in '{path}'. Begin a new training in another folder.");
    }

    /// <summary>Deletes them all.</summary>
    public void Clear() => Keep(0);

    private void Keep(int count)
    {
        if (!Directory.Exists(path))
            return;
        // A process that was killed while it wrote has left what was to become a checkpoint.
        foreach (var file in Files.Skip(count).Concat(Directory.EnumerateFiles(path, ".*.tmp")))
            File.Delete(file);
    }
}
