namespace Sconce.Core.Storage;

/// <summary>Resolves links in paths, so that two paths of one file are equal. Hard links are not recognized.</summary>
internal static class RealPath
{
    /// <summary>Resolves links in the name and in all folders before it. A path that does not exist stays as it is.</summary>
    public static string Of(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Path.GetDirectoryName(full) is not { } folder)
            return full;
        var real = Path.Combine(Of(folder), Path.GetFileName(full));
        return TargetOf(real) is { } target ? Of(target) : real;
    }

    /// <summary>Refuses a dangling link, which .NET treats as a file.</summary>
    /// <exception cref="FileNotFoundException">The path is a dangling link; the message names it and its target.</exception>
    public static void RequireTarget(string path)
    {
        if (TargetOf(path) is { } target && !Path.Exists(target) && !SpecialFile.Is(path))
            throw new FileNotFoundException($"'{path}' is a link to '{target}', which does not exist.", path);
    }

    /// <summary>The final target of a link; null if the path is not a link.</summary>
    public static string? TargetOf(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName;
        }
        catch (IOException)
        {
            // It does not exist, or the links form a circle.
            return null;
        }
    }
}
