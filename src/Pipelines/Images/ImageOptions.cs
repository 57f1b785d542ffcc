using Microsoft.ML.Transforms.Image;
using Sconce.Core.Errors;

namespace Sconce.Pipelines;

/// <summary>How image files are converted to rows of pixels of one size.</summary>
public sealed record ImageOptions
{
    /// <summary>The width in pixels, at least 1, to which images are resized. Default: 28.</summary>
    public int Width { get; init; } = 28;

    /// <summary>The height in pixels, at least 1, to which images are resized. Default: 28.</summary>
    public int Height { get; init; } = 28;

    /// <summary>Whether to read three channels, red, green and blue, instead of one, gray. Default: false.</summary>
    public bool Color { get; init; }

    /// <summary>Whether images are light on dark, which is kept, or dark on light, which is inverted. Default: <see cref="ImagePolarity.Auto"/>.</summary>
    public ImagePolarity Polarity { get; init; }

    /// <summary>How images of another aspect ratio are resized. Default: ML.NET's own, which crops around the center. <c>Fill</c> distorts them, and copies each pixel from the nearest original pixel.</summary>
    public ImageResizingEstimator.ResizingKind Resizing { get; init; } = ImageResizingEstimator.ResizingKind.IsoCrop;

    /// <exception cref="ArgumentException">A value is out of range; the message names it.</exception>
    internal void Validate()
    {
        Check.AtLeast(Width, 1, nameof(Width));
        Check.AtLeast(Height, 1, nameof(Height));
        if (!Enum.IsDefined(Polarity))
            throw new ArgumentOutOfRangeException(nameof(Polarity), $"{nameof(Polarity)} is {Polarity}; it has to be one of {string.Join(", ", Enum.GetNames<ImagePolarity>())}.");
    }
}

/// <summary>Whether images are light on dark or dark on light.</summary>
public enum ImagePolarity
{
    /// <summary>The polarity of most training images, judged by their borders; <see cref="LightOnDark"/> for color images, and if the borders are ambiguous. It is determined in training and saved.</summary>
    Auto,

    /// <summary>Light on dark, such as MNIST, or a photograph: pixels are used as they are.</summary>
    LightOnDark,

    /// <summary>Dark on light, such as ink on paper: pixels are inverted, so that black becomes 1 and white 0.</summary>
    DarkOnLight,
}
