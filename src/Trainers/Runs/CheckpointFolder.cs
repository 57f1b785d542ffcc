using Sconce.Core.Storage;

namespace Sconce.Trainers.Runs;

/// <summary>The files from which a training can be resumed, each named by the number of steps done.</summary>
internal sealed class CheckpointFolder(string path)
{
    private const string Prefix = "step-";
    private const string Extension = ".checkpoint";

    /// <summary>Their paths, the newest first; whatever else is in the folder is not ours.</summary>
    public IReadOnlyList<string> Files => Directory.Exists(path)
        ? [.. Directory.EnumerateFiles(path, $"{Prefix}*{Extension}").Where(IsOurs).OrderByDescending(file => file, StringComparer.Ordinal)]
        : [];

    /// <summary>Writes the checkpoint of a step whole or not at all, then deletes all but the newest so many.</summary>
    /// <exception cref="IOException">It cannot be written; those before it are as they were.</exception>
    public void Write(int step, int keep, Action<Stream> write)
    {
        // As many digits always: names sort as numbers do.
        AtomicFile.Write(Path.Combine(path, $"{Prefix}{step:D10}{Extension}"), write);
        Keep(keep);
    }

    /// <summary>Reads the newest checkpoint that is whole; each newer one that is not is told of.</summary>
    /// <returns>Null where there is none at all.</returns>
    /// <exception cref="InvalidDataException">There are some, and none is whole; or the newest that is was written by another version.</exception>
    public Checkpoint? ReadNewest(Action<string> warn)
    {
        var damaged = new List<string>();
        foreach (var file in Files)
        {
            if (Checkpoint.Read(file) is { } checkpoint)
            {
                foreach (var newer in damaged)
                    warn($"{Damage(newer)} The one before it is used, '{file}'.");
                return checkpoint;
            }

            damaged.Add(file);
        }

        return damaged is [] ? null : throw new InvalidDataException($"{Damage(damaged[0])} There is no other that is whole in '{path}'. Begin a new training in another folder, or delete this one.");
    }

    /// <summary>Deletes the damaged ones that <see cref="ReadNewest"/> passed over, once the training is known to go on from the one that it gave.</summary>
    public void DeleteNewerThan(Checkpoint checkpoint)
    {
        foreach (var file in Files.TakeWhile(file => file != checkpoint.Path))
            File.Delete(file);
    }

    /// <summary>Deletes them all.</summary>
    public void Clear() => Keep(0);

    private static bool IsOurs(string file) => !Path.GetFileNameWithoutExtension(file.AsSpan())[Prefix.Length..].ContainsAnyExceptInRange('0', '9');

    private static string Damage(string file) => $"The checkpoint '{file}' is damaged: its {new FileInfo(file).Length} bytes do not have the checksum (SHA-256) at their end.";

    private void Keep(int count)
    {
        if (!Directory.Exists(path))
            return;
        // A process that was killed while it wrote has left what was to become a checkpoint.
        foreach (var file in Files.Skip(count).Concat(Directory.EnumerateFiles(path, ".*.tmp")))
            File.Delete(file);
    }
}
