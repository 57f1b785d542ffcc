
namespace Sconce.Pipelines.Plots;

/// <summary>A row of an <see cref="ImageGrid"/>.</summary>
/// <param name="Images">The images, from left to right.</param>
internal sealed record ImageRow(IReadOnlyList<GrayImage> Images)
{
    /// <summary>The text left of the row; null for none.</summary>
    public string? Title { get; init; }

    /// <summary>The text below each image, such as its error; null for none.</summary>
    public IReadOnlyList<string>? Captions { get; init; }
}
