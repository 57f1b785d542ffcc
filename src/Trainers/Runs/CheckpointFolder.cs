namespace Sconce.Trainers;

/// <summary>The files from which a training can be resumed, each named by the number of steps done.</summary>
internal sealed class CheckpointFolder(string path)
{
    private const string Extension = ".checkpoint";

    /// <summary>Their paths, the newest first.</summary>
    public IReadOnlyList<string> Files => Directory.Exists(path)
        ? [.. Directory.EnumerateFiles(path, $"*{Extension}").OrderByDescending(file => file, StringComparer.Ordinal)]
        : [];

    /// <summary>The path for a number of steps. As many digits always: names sort as numbers do.</summary>
    public string PathOf(int step) => Path.Combine(path, $"step-{step:D10}{Extension}");

    /// <summary>Deletes all but the newest so many.</summary>
    public void Keep(int count)
    {
        foreach (var file in Files.Skip(count))
            File.Delete(file);
    }

    public void Clear() => Keep(0);
}
