using Microsoft.ML.Transforms.Image;
using Sconce.Core.Errors;

namespace Sconce.Pipelines;

/// <summary>How image files become rows of pixels, all of one size.</summary>
public sealed record ImageOptions
{
    /// <summary>The width of all images in pixels, at least 1; others are resized. Default: 28.</summary>
    public int Width { get; init; } = 28;

    /// <summary>The height of all images in pixels, at least 1. Default: 28.</summary>
    public int Height { get; init; } = 28;

    /// <summary>Whether there are three channels, red, green and blue; else one, gray. Default: false.</summary>
    public bool Color { get; init; }

    /// <summary>Whether images show light on dark, as the network is given them, or dark on light, which is turned over. Default: <see cref="ImagePolarity.Auto"/>.</summary>
    public ImagePolarity Polarity { get; init; }

    /// <summary>What happens to images of other proportions. Default: ML.NET's own, which keeps the middle. <c>Fill</c> distorts, and takes each pixel from one pixel of the original.</summary>
    public ImageResizingEstimator.ResizingKind Resizing { get; init; } = ImageResizingEstimator.ResizingKind.IsoCrop;

    /// <exception cref="ArgumentException">A value makes no sense; the message names it.</exception>
    internal void Validate()
    {
        Check.AtLeast(Width, 1, nameof(Width));
        Check.AtLeast(Height, 1, nameof(Height));
        if (!Enum.IsDefined(Polarity))
            throw new ArgumentOutOfRangeException(nameof(Polarity), $"{nameof(Polarity)} is {Polarity}; it has to be one of {string.Join(", ", Enum.GetNames<ImagePolarity>())}.");
    }
}

/// <summary>What an image's paper and ink are like.</summary>
public enum ImagePolarity
{
    /// <summary>What most of the training images look like by their borders; of color images, and where borders do not tell, <see cref="LightOnDark"/>. It is decided in training and saved.</summary>
    Auto,

    /// <summary>Light on dark, as MNIST is, or a photograph: pixels are taken as they are.</summary>
    LightOnDark,

    /// <summary>Dark on light, as ink on paper: pixels are turned over, black becomes 1 and white 0.</summary>
    DarkOnLight,
}
