namespace Sconce.Core.Storage;

/// <summary>Where a path leads to, whichever links are in it: two names of one file lead to the same. Of hard links none is known from the other.</summary>
internal static class RealPath
{
    /// <summary>Resolves links in the name and in all folders before it; what is not there stays as it is named.</summary>
    public static string Of(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Path.GetDirectoryName(full) is not { } folder)
            return full;
        var real = Path.Combine(Of(folder), Path.GetFileName(full));
        return TargetOf(real) is { } target ? Of(target) : real;
    }

    /// <summary>Refuses a link that leads nowhere, which .NET takes for a file.</summary>
    /// <exception cref="FileNotFoundException">It is one; the message names it and what it leads to.</exception>
    public static void RequireTarget(string path)
    {
        if (TargetOf(path) is { } target && !Path.Exists(target) && !SpecialFile.Is(path))
            throw new FileNotFoundException($"'{path}' is a link to '{target}', which does not exist.", path);
    }

    /// <summary>What the last of a path's names leads to, if that is a link; null where it is none.</summary>
    public static string? TargetOf(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName;
        }
        catch (IOException)
        {
            // It is not there, or leads in a circle.
            return null;
        }
    }
}
