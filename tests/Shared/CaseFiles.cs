namespace Sconce.Tests;

/// <summary>The small files in tests/cases: of other programs, and of earlier versions of this one.</summary>
internal static class CaseFiles
{
    private static readonly string _folder = Path.Combine(FindRoot(), "tests", "cases");

    public static string PathOf(string name) => Path.Combine(_folder, "files", name);

    /// <summary>A file or folder that an earlier version wrote, or was given: see older/README.md.</summary>
    public static string Older(params ReadOnlySpan<string> names) => Path.Combine([_folder, "older", .. names]);

    /// <summary>Copies a folder of files and folders, so that a test may change it.</summary>
    public static string CopyOlder(string to, params ReadOnlySpan<string> names)
    {
        var from = Older(names);
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return to;
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Sconce.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("The tests do not run within the repository.");
        return folder;
    }
}
