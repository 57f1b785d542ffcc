namespace Sconce.Files;

/// <summary>A row of images to be scored.</summary>
public class ImagePathRow
{
    /// <summary>The path of the image file.</summary>
    public string ImagePath { get; set; } = "";
}

/// <summary>A row of images to be learned from.</summary>
public sealed class LabelledImageRow : ImagePathRow
{
    /// <summary>The image's class.</summary>
    public string Label { get; set; } = "";
}
