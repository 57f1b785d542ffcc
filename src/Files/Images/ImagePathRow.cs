namespace Sconce.Files;

/// <summary>A row with an image to score.</summary>
public class ImagePathRow
{
    /// <summary>The path of the image file.</summary>
    public string ImagePath { get; set; } = "";
}

/// <summary>A row with an image and its class, for training.</summary>
public sealed class LabeledImageRow : ImagePathRow
{
    /// <summary>The image's class.</summary>
    public string Label { get; set; } = "";
}
