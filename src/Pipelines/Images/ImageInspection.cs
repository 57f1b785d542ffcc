using System.Collections.Concurrent;
using Sconce.Files;

namespace Sconce.Pipelines.Images;

/// <summary>Checks image files before they are scored, on several threads, and collects warnings.</summary>
/// <param name="images">How the model reads image files.</param>
/// <param name="maximumPixels">The maximum number of pixels of an image; null for the default of <see cref="ImageReading"/>.</param>
internal sealed class ImageInspection(ImageInput images, long? maximumPixels = null)
{
    /// <summary>Enough to represent the others.</summary>
    private const int MostRemembered = 10_000;

    private readonly long _maximumPixels = maximumPixels ?? new ImageReading().MaximumPixels;

    private readonly ConcurrentBag<ImageLook> _looks = [];

    /// <summary>Decodes a file.</summary>
    /// <returns>Why it cannot be scored, such as "it has no bytes"; null if it can.</returns>
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

    /// <summary>The warnings about the files so far.</summary>
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
