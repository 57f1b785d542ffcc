using Sconce.Core.Errors;
using Sconce.Core.Storage;
using Sconce.Files.Idx;
using Sconce.Files.Images;

namespace Sconce.Files.Rows;

/// <summary>A file of rows, or a folder, a list or a single file of images.</summary>
/// <param name="Path">Its path.</param>
/// <param name="IsImages">Whether its rows are images.</param>
/// <param name="Format">The format of the file; null to infer it.</param>
internal sealed record RowSource(string Path, bool IsImages, RowFormat? Format)
{
    /// <summary>The format name of images.</summary>
    public const string ImageFormat = "images";

    /// <summary>
    /// Finds the files of paths, folders and patterns, in the order of <see cref="InputFiles.Find(IEnumerable{string})"/>.
    /// </summary>
    /// <param name="paths">Files, folders and patterns. A folder with images and no files of rows is read as images.</param>
    /// <param name="format">The name of the format; null to infer it.</param>
    /// <exception cref="FileNotFoundException">An input matches no file.</exception>
    public static IReadOnlyList<RowSource> Find(IEnumerable<string> paths, string? format)
    {
        var named = format is null or ImageFormat ? null : RowFormats.Named(format);
        List<RowSource> found = [];
        foreach (var input in paths)
        {
            if (format == ImageFormat)
            {
                found.Add(new(input, IsImages: true, null));
                continue;
            }

            var files = InputFiles.Find([input]);
            if (files.FirstOrDefault(file => file == InputFiles.StandardInput || SpecialFile.Is(file)) is { } stream)
            {
                throw new ArgumentException($"'{stream}' is a stream; rows are read more than once, which requires files.", nameof(paths))
                    .About(file: stream);
            }

            if (named is null && HoldImages(files))
                found.AddRange((Directory.Exists(input) ? [input] : files.Where(ImageListing.IsImage)).Select(path => new RowSource(path, IsImages: true, null)));
            else
                found.AddRange(files.Select(file => new RowSource(file, IsImages: false, named)));
        }

        // Labels of images that are read are a column of these.
        HashSet<string> labels = [.. found.Select(source => source.IsImages ? null : IdxLabels.FileOf(source.Path)).OfType<string>()];
        found.RemoveAll(source => labels.Contains(source.Path));
        return found;
    }

    /// <summary>Opens it.</summary>
    /// <exception cref="InvalidDataException">It cannot be read, or lacks a column.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public RowReader Open(RowRequest request) => Guard(() => IsImages ? new ImageRowReader(Path, request) : RowFile.Open(Path, request, Format));

    /// <summary>Names the file that cannot be read.</summary>
    public T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException && ErrorFacts.Of(exception).File is null)
        {
            throw new IOException($"'{Path}' cannot be read: {exception.Message.TrimEnd('.')}.", exception).About(file: Path);
        }
    }

    private static bool HoldImages(IReadOnlyList<string> files) => files.Any(ImageListing.IsImage) && !files.Any(IsOfRows);

    private static bool IsOfRows(string file) => RowFormats.TryOfEnding(file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? file[..^".gz".Length] : file, out _);
}
