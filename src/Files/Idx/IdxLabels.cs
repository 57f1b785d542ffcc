namespace Sconce.Files.Idx;

/// <summary>Labels in MNIST's layout, in a file beside that of the images.</summary>
internal static class IdxLabels
{
    /// <summary>The file with the labels of a file of images; null if there is none.</summary>
    public static string? FileOf(string images)
    {
        var name = Path.GetFileName(images).Replace("images-idx3", "labels-idx1", StringComparison.Ordinal);
        if (name == Path.GetFileName(images))
            return null;
        var stem = name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name[..^".gz".Length] : name;
        var folder = Path.GetDirectoryName(images) ?? "";
        return new[] { name, stem, $"{stem}.gz" }.Select(each => Path.Combine(folder, each)).FirstOrDefault(File.Exists);
    }
}
