using Sconce.Core.Errors;
using Sconce.Files.Rows;

namespace Sconce.Files.Images;

/// <summary>The image files of a folder or a list. They are not opened.</summary>
internal sealed class ImageListing
{
    private static readonly string[] _endings = [".png", ".jpg", ".jpeg", ".jfif"];
    private static readonly string[] _pathColumns = ["path", "ImagePath"];
    private const string LabelColumn = "Label";
    private const int BatchRows = 1_024;

    private ImageListing()
    {
    }

    public List<ImageFile> Images { get; } = [];

    public List<UnusableImage> Unusable { get; } = [];

    /// <summary>The number of files with other extensions, by extension.</summary>
    public SortedDictionary<string, int> PassedOver { get; } = new(StringComparer.Ordinal);

    /// <summary>Lists the images of a folder or a list, sorted by path (ordinal).</summary>
    /// <exception cref="FileNotFoundException">The path does not exist.</exception>
    /// <exception cref="InvalidDataException">The path is neither a folder, an image nor a list.</exception>
    public static ImageListing Of(string path, bool labeled)
    {
        var listing = new ImageListing();
        if (Directory.Exists(path))
        {
            if (labeled)
                listing.AddClasses(path);
            else
                listing.AddFolder(path, null);
            listing.Images.Sort((one, other) => string.CompareOrdinal(one.Path, other.Path));
            return listing;
        }

        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no folder and no file '{path}'.", path).About(file: path);
        else if (IsImage(path) && !labeled)
            listing.Images.Add(new(path, null));
        else if (path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase))
            listing.AddList(path, labeled);
        else
        {
            throw new InvalidDataException($"'{path}' is neither a folder of images nor a list of them{(labeled ? "" : ", nor a PNG or JPEG file")}; a list is a CSV file with the column{(labeled ? "s" : "")} '{_pathColumns[0]}'{(labeled ? $" and '{LabelColumn}'" : "")}.")
                .About(file: path);
        }

        return listing;
    }

    /// <summary>Whether a file of this name is read as an image.</summary>
    public static bool IsImage(string name) => _endings.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);

    /// <summary>Adds a folder whose subfolders are classes.</summary>
    private void AddClasses(string root)
    {
        foreach (var entry in Entries(root))
        {
            if (Directory.Exists(entry))
                AddClass(entry);
            else if (IsImage(entry))
                Unusable.Add(new(entry, "is beside the class folders, not in one of them"));
            else
                PassOver(entry);
        }
    }

    private void AddClass(string folder)
    {
        var before = Images.Count + Unusable.Count;
        AddFolder(folder, Path.GetFileName(folder));
        if (Images.Count + Unusable.Count == before)
            Unusable.Add(new(folder, "is a class folder without PNG or JPEG files"));
    }

    private void AddFolder(string folder, string? label)
    {
        if (IsImage(folder))
        {
            Unusable.Add(new(folder, "is a folder with the name of an image"));
            return;
        }

        var resolved = new DirectoryInfo(folder);
        if (resolved.LinkTarget is not null && Path.GetFullPath(folder).StartsWith(resolved.ResolveLinkTarget(returnFinalTarget: true)?.FullName + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            Unusable.Add(new(folder, "is a link to one of its parent folders"));
            return;
        }

        foreach (var entry in Entries(folder))
        {
            if (Directory.Exists(entry))
                AddFolder(entry, label);
            else if (IsImage(entry))
                Images.Add(new(entry, label));
            else
                PassOver(entry);
        }
    }

    private void PassOver(string path) => PassedOver[Path.GetExtension(path)] = PassedOver.GetValueOrDefault(Path.GetExtension(path)) + 1;

    /// <summary>The entries of a folder, except hidden ones and the metadata of macOS.</summary>
    private List<string> Entries(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(folder).Where(entry => !InputFiles.IsHidden(Path.GetFileName(entry))).Order(StringComparer.Ordinal)];
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            Unusable.Add(new(folder, $"is a folder that cannot be read: {exception.Message.TrimEnd('.')}"));
            return [];
        }
    }

    /// <summary>Reads a list. Its paths are relative to the list's folder.</summary>
    private void AddList(string list, bool labeled)
    {
        var content = new FileStream(list, FileMode.Open, FileAccess.Read, FileShare.Read);
        using var reader = RowFormats.Csv.CreateReader(list, content, new RowRequest([]) { HasHeader = true });
        List<string> names = [.. reader.Schema.Select(column => column.Name)];
        var pathColumn = names.FindIndex(name => _pathColumns.Contains(name, StringComparer.OrdinalIgnoreCase));
        var labelColumn = labeled ? names.FindIndex(name => name.Equals(LabelColumn, StringComparison.OrdinalIgnoreCase)) : -1;
        if (pathColumn < 0 || (labeled && labelColumn < 0))
        {
            throw new InvalidDataException($"'{list}' has the columns {string.Join(", ", names.Select(name => $"'{name}'"))}; '{_pathColumns[0]}' (or '{_pathColumns[1]}'){(labeled ? $" and '{LabelColumn}' are" : " is")} expected in its first line.")
                .About(file: list, column: pathColumn < 0 ? _pathColumns[0] : LabelColumn);
        }

        var folder = Path.GetDirectoryName(list)!;
        foreach (var batch in reader.ReadBatches(BatchRows))
        {
            for (var i = 0; i < batch.Count; i++)
            {
                var (path, label, row) = (batch.Columns[pathColumn].TextOf(i), labeled ? batch.Columns[labelColumn].TextOf(i) : null, batch.Place(i).Row);
                if (path.Length == 0)
                    Unusable.Add(new($"{list}, row {row}", "has no path"));
                else if (label?.Length == 0)
                    Unusable.Add(new(Path.Combine(folder, path), $"has no label ('{list}', row {row})"));
                else
                    Images.Add(new(Path.Combine(folder, path), label));
            }
        }
    }
}
