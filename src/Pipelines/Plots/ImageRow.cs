
namespace Sconce.Pipelines.Plots;

/// <summary>A row of an <see cref="ImageGrid"/>.</summary>
/// <param name="Images">The images, from left to right.</param>
internal sealed record ImageRow(IReadOnlyList<GreyImage> Images)
{
    /// <summary>What stands to the left of the row; null for nothing.</summary>
    public string? Title { get; init; }

    /// <summary>What stands below each image, for instance its error; null for nothing.</summary>
    public IReadOnlyList<string>? Captions { get; init; }
}
