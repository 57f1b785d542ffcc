using Sconce.Core.Errors;

namespace Sconce.Files;

/// <summary>Options for finding and checking image files.</summary>
public sealed record ImageReading
{
    /// <summary>Whether each image has a class: its folder, or the column <c>Label</c> of a list. Default: true.</summary>
    public bool Labeled { get; init; } = true;

    /// <summary>
    /// What happens to a file that cannot be used. Default: <see cref="RowErrors.Fail"/>, which lists them; with <see cref="RowErrors.Skip"/> they
    /// are left out, counted and listed. <see cref="RowErrors.Quarantine"/> is not supported.
    /// </summary>
    public RowErrors OnError { get; init; }

    /// <summary>
    /// The maximum number of pixels of an image, 1 to 2^28, checked before the image is decoded: a small file may claim to be a huge image. Default:
    /// 2^26 (8,192 x 8,192).
    /// </summary>
    public long MaximumPixels { get; init; } = 1 << 26;

    /// <summary>Stops reading between two files.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <exception cref="ArgumentException">A value is out of range; <see cref="ArgumentException.ParamName"/> is the property.</exception>
    internal void Validate()
    {
        LoadRowsOptions.CheckErrors(OnError);
        Check.AtLeast(MaximumPixels, 1, nameof(MaximumPixels));
        // At four bytes per pixel, more would not fit into one bitmap.
        Check.AtMost(MaximumPixels, 1 << 28, nameof(MaximumPixels));
    }
}

/// <summary>A file or folder that cannot be used.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Reason">The reason, as a predicate: "has no bytes".</param>
public sealed record UnusableImage(string Path, string Reason);

/// <summary>An image file.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Label">Its class; null if images are not labeled.</param>
public sealed record ImageFile(string Path, string? Label);
