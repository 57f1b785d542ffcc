using System.Collections.Concurrent;
using Sconce.Files;

namespace Sconce.Pipelines.Images;

/// <summary>Looks into image files before they are scored, by several threads, and remembers what a user should know of them.</summary>
/// <param name="images">How the model reads image files.</param>
/// <param name="maximumPixels">The most pixels that a file may have; null for what <see cref="ImageReading"/> has.</param>
internal sealed class ImageInspection(ImageInput images, long? maximumPixels = null)
{
    /// <summary>As many show what the others are like.</summary>
    private const int MostRemembered = 10_000;

    private readonly long _maximumPixels = maximumPixels ?? new ImageReading().MaximumPixels;

    private readonly ConcurrentBag<ImageLook> _looks = [];

    /// <summary>Decodes a file.</summary>
    /// <returns>Null, or why it cannot be scored: "it has no bytes".</returns>
    public string? Refuse(string path)
    {
        try
        {
            var look = ImageLook.Of(path, _maximumPixels);
            if (_looks.Count < MostRemembered)
                _looks.Add(look);
            return null;
        }
        catch (InvalidDataException exception)
        {
            return $"it {exception.Message}";
        }
    }

    /// <summary>What is no error and may be a mistake.</summary>
    public IEnumerable<string> Warnings()
    {
        if (!images.IsColor && PolaritySurvey.Of(_looks).ScoringWarning(images.Polarity) is { } polarity)
            yield return polarity;
        if (_looks.Count(look => look.IsTransparent) is > 0 and var transparent)
            yield return $"{transparent:N0} images have transparent pixels, which are read as black. Flatten them onto a background.";
        if (_looks.Count(look => look.IsTurned) is > 0 and var turned)
            yield return $"{turned:N0} images have an EXIF orientation, which is ignored. Rotate and save them if it matters.";
    }
}
