namespace Sconce.Docs.Tests;

/// <summary>The files of the repository, found from the test's own folder.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Every page: the documentation, and the texts beside the code.</summary>
    public static IReadOnlyList<string> Pages { get; } =
    [
        .. Directory.GetFiles(Root, "*.md").Concat(Directory.GetFiles(PathOf("docs"), "*.md", SearchOption.AllDirectories))
            .Concat(Directory.GetFiles(PathOf("src"), "README.md", SearchOption.AllDirectories))
            .Append(PathOf("data/README.md")).Append(PathOf("models/README.md")).Append(PathOf("tests/cases/README.md"))
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => !path.StartsWith("docs/_site/", StringComparison.Ordinal) && !path.StartsWith("docs/api/", StringComparison.Ordinal))
            .Where(path => !path.Contains("/bin/", StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ];

    public static string PathOf(string path) => Path.Combine(Root, path);

    public static string Read(string path) => File.ReadAllText(PathOf(path));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Sconce.slnx")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException("No folder above the test holds Sconce.slnx.");
        return folder.FullName;
    }
}
