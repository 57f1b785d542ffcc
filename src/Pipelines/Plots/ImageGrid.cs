using System.Globalization;

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
    public static ImageGrid Plane(IReadOnlyList<IReadOnlyList<GrayImage>> rows, IReadOnlyList<double> x, IReadOnlyList<double> y) =>
        new([.. rows.Zip(y, (images, value) => new ImageRow(images) { Title = Format(value) })])
        {
            ImagesPerLine = x.Count,
            Scale = 2,
            Gap = 0,
            BottomValues = [.. x.Select(Format)],
            BottomTitle = "first code value",
            LeftTitle = "second code value",
        };

    /// <summary>Writes the picture.</summary>
    /// <param name="path">The file, which has to end in .png.</param>
    /// <exception cref="ArgumentException">The ending is another, or the picture is too large.</exception>
    /// <exception cref="IOException">The file cannot be written; one that exists stays as it was.</exception>
    public void Save(string path)
    {
        PngFile.CheckEnding(path);
        using var layout = new ImageGridLayout(this);
        PngFile.Write(path, layout.Width, layout.Height, layout.Draw);
    }

    private static string Format(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
