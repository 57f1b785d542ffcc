namespace Sconce.Tests;

/// <summary>Small files of other programs, in tests/cases/files.</summary>
internal static class CaseFiles
{
    private static readonly string _folder = Path.Combine(FindRoot(), "tests", "cases", "files");

    public static string PathOf(string name) => Path.Combine(_folder, name);

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Sconce.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("The tests do not run within the repository.");
        return folder;
    }
}
