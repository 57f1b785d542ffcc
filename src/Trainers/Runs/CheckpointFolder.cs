using Sconce.Core.Errors;
using Sconce.Core.Storage;

namespace Sconce.Trainers.Runs;

/// <summary>The checkpoints of a training, each named by its step.</summary>
internal sealed class CheckpointFolder(string path)
{
    private const string Prefix = "step-";
    private const string Extension = ".checkpoint";

    /// <summary>Their paths, the newest first. Other files in the folder are ignored.</summary>
    public IReadOnlyList<string> Files => Directory.Exists(path)
        ? [.. Directory.EnumerateFiles(path, $"{Prefix}*{Extension}").Where(IsOurs).OrderByDescending(file => file, StringComparer.Ordinal)]
        : [];

    /// <summary>Writes the checkpoint of a step atomically, then deletes all but the newest <paramref name="keep"/>.</summary>
    /// <exception cref="IOException">It cannot be written; earlier checkpoints are kept.</exception>
    public void Write(int step, int keep, Action<Stream> write)
    {
        // With leading zeros, names sort like numbers.
        AtomicFile.Write(Path.Combine(path, $"{Prefix}{step:D10}{Extension}"), write);
        Keep(keep);
    }

    /// <summary>Reads the newest undamaged checkpoint, and warns of each newer one that is damaged.</summary>
    /// <returns>Null if there is none.</returns>
    /// <exception cref="InvalidDataException">All are damaged, or the newest undamaged one was written by another version.</exception>
    public Checkpoint? ReadNewest(Action<string> warn)
    {
        var damaged = new List<string>();
        foreach (var file in Files)
        {
            if (Checkpoint.Read(file) is { } checkpoint)
            {
                foreach (var newer in damaged)
                    warn($"{Damage(newer)} Resuming from the one before it, '{file}'.");
                return checkpoint;
            }

            damaged.Add(file);
        }

        return damaged is [] ? null : throw new InvalidDataException($"{Damage(damaged[0])} There is no undamaged checkpoint in '{path}'. Start a new training in another folder, or delete this one.").About(file: damaged[0]);
    }

    /// <summary>
    /// Deletes the damaged checkpoints that <see cref="ReadNewest"/> skipped, once the training has resumed from the one that it returned.
    /// </summary>
    public void DeleteNewerThan(Checkpoint checkpoint)
    {
        foreach (var file in Files.TakeWhile(file => file != checkpoint.Path))
            File.Delete(file);
    }

    public void Clear() => Keep(0);

    private static bool IsOurs(string file) => !Path.GetFileNameWithoutExtension(file.AsSpan())[Prefix.Length..].ContainsAnyExceptInRange('0', '9');

    private static string Damage(string file) => $"The checkpoint '{file}' is damaged: its {new FileInfo(file).Length} bytes do not have the checksum (SHA-256) at their end.";

    private void Keep(int count)
    {
        if (!Directory.Exists(path))
            return;
        // A killed process may have left an unfinished checkpoint.
        foreach (var file in Files.Skip(count).Concat(Directory.EnumerateFiles(path, ".*.tmp")))
            File.Delete(file);
    }
}
