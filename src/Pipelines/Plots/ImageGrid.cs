using System.Globalization;
using Sconce.Core.Errors;

namespace Sconce.Pipelines.Plots;

/// <summary>Gray images in rows and columns, such as originals above reconstructions.</summary>
/// <param name="Rows">The rows, at least one; all with the same number of images, all images of the same size.</param>
internal sealed record ImageGrid(IReadOnlyList<ImageRow> Rows)
{
    /// <summary>The title; null for none.</summary>
    public string? Title { get; init; }

    /// <summary>The maximum number of images side by side, at least 1; further images wrap, all rows together.</summary>
    public int ImagesPerLine { get; init; } = 10;

    /// <summary>The size of an image's pixel in pixels, at least 1.</summary>
    public int Scale { get; init; } = 4;

    /// <summary>The pixels between two images.</summary>
    public int Gap { get; init; } = 8;

    /// <summary>The vertical title left of the rows' titles; null for none.</summary>
    public string? LeftTitle { get; init; }

    /// <summary>The labels below the columns, one per image in a line; those without room are left out. Null for none.</summary>
    public IReadOnlyList<string>? BottomValues { get; init; }

    /// <summary>The title of the bottom values; null for none.</summary>
    public string? BottomTitle { get; init; }

    /// <summary>Images decoded from a plane of codes, without gaps, with the code values along the bottom and the left.</summary>
    /// <param name="rows">The images, rows from top to bottom.</param>
    /// <param name="x">The first code value of each column.</param>
    /// <param name="y">The second code value of each row.</param>
    /// <exception cref="ArgumentException">The numbers of values and rows differ.</exception>
    public static ImageGrid Plane(IReadOnlyList<IReadOnlyList<GrayImage>> rows, IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        if (rows.Count != y.Count)
            throw new ArgumentException($"There are {rows.Count} rows of images and {y.Count} values; the counts have to be equal.", nameof(y));
        return new ImageGrid([.. rows.Zip(y, (images, value) => new ImageRow(images) { Title = Format(value) })])
        {
            ImagesPerLine = Math.Max(1, x.Count),
            Scale = 2,
            Gap = 0,
            BottomValues = [.. x.Select(Format)],
            BottomTitle = "first code value",
            LeftTitle = "second code value",
        };
    }

    /// <summary>Writes the picture.</summary>
    /// <param name="path">The file, which has to end in .png.</param>
    /// <exception cref="ArgumentException">The ending is another, the rows do not go together, or the picture is too large.</exception>
    /// <exception cref="IOException">The file cannot be written; one that exists stays as it was.</exception>
    public void Save(string path)
    {
        PngFile.CheckEnding(path);
        Validate();
        using var layout = new ImageGridLayout(this);
        PngFile.Write(path, layout.Width, layout.Height, layout.Draw);
    }

    private static string Format(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private void Validate()
    {
        Check.AtLeast(Rows.Count, 1, "Rows.Count");
        Check.AtLeast(ImagesPerLine, 1, nameof(ImagesPerLine));
        Check.AtLeast(Scale, 1, nameof(Scale));
        Check.AtLeast(Gap, 0, nameof(Gap));
        var count = Rows[0].Images.Count;
        Check.AtLeast(count, 1, "Rows[0].Images.Count");
        var first = Rows[0].Images[0];
        foreach (var (i, row) in Rows.Index())
        {
            if (row.Images.Count != count)
                throw new ArgumentException($"Row {i} has {row.Images.Count} images, and row 0 has {count}; all rows need the same number.");
            if (row.Captions is { } captions && captions.Count != count)
                throw new ArgumentException($"Row {i} has {captions.Count} captions for {count} images.");
            if (row.Images.FirstOrDefault(image => image.Height != first.Height || image.Width != first.Width) is { } other)
                throw new ArgumentException($"Row {i} has an image of {other.Height} x {other.Width}, and the first is {first.Height} x {first.Width}; all images need the same size.");
        }

        if (BottomValues is { } values && values.Count != Math.Min(ImagesPerLine, count))
            throw new ArgumentException($"There are {values.Count} bottom values for {Math.Min(ImagesPerLine, count)} columns.");
    }
}
