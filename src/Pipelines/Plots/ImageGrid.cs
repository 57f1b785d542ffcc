using System.Globalization;
using Sconce.Core.Errors;

namespace Sconce.Pipelines.Plots;

/// <summary>A picture of grey images in rows and columns, for instance originals over reconstructions.</summary>
/// <param name="Rows">The rows, at least one; each has as many images as the others, all of one size.</param>
internal sealed record ImageGrid(IReadOnlyList<ImageRow> Rows)
{
    /// <summary>The title; null for none.</summary>
    public string? Title { get; init; }

    /// <summary>The most images side by side, at least 1: what is beyond goes on below, in all rows again. Default: 10.</summary>
    public int ImagesPerLine { get; init; } = 10;

    /// <summary>The pixels that a pixel becomes in each direction, at least 1. Default: 4.</summary>
    public int Scale { get; init; } = 4;

    /// <summary>The pixels between two images. Default: 8.</summary>
    public int Gap { get; init; } = 8;

    /// <summary>The title of the rows' titles, written upwards; null for none.</summary>
    public string? LeftTitle { get; init; }

    /// <summary>What stands below each column, as many as it has images in a line; those for which there is no room are left out. Null for nothing.</summary>
    public IReadOnlyList<string>? BottomValues { get; init; }

    /// <summary>The title of the bottom values; null for none.</summary>
    public string? BottomTitle { get; init; }

    /// <summary>A plane of codes, decoded: images without gaps, with the codes' values along the bottom and the left.</summary>
    /// <param name="rows">The images, rows from top to bottom.</param>
    /// <param name="x">The first code value of each column.</param>
    /// <param name="y">The second code value of each row.</param>
    /// <exception cref="ArgumentException">There are more or fewer values than rows or columns.</exception>
    public static ImageGrid Plane(IReadOnlyList<IReadOnlyList<GreyImage>> rows, IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        if (rows.Count != y.Count)
            throw new ArgumentException($"There are {rows.Count} rows of images and {y.Count} values for them; there have to be as many of both.", nameof(y));
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
                throw new ArgumentException($"Row {i} has {row.Images.Count} images and row 0 has {count}; all rows have to have as many.");
            if (row.Captions is { } captions && captions.Count != count)
                throw new ArgumentException($"Row {i} has {captions.Count} captions for {count} images.");
            if (row.Images.FirstOrDefault(image => image.Height != first.Height || image.Width != first.Width) is { } other)
                throw new ArgumentException($"Row {i} has an image of {other.Height} x {other.Width} and the first is {first.Height} x {first.Width}; all have to be of one size.");
        }

        if (BottomValues is { } values && values.Count != Math.Min(ImagesPerLine, count))
            throw new ArgumentException($"There are {values.Count} bottom values for {Math.Min(ImagesPerLine, count)} columns.");
    }
}
