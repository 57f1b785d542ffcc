using Sconce.Fuzzing;
using Sconce.Pipelines.Images;
using Sconce.Pipelines.Tests.Images;
using Sconce.Tests;
using SkiaSharp;

namespace Sconce.Pipelines.Tests.Fuzzing;

/// <summary>Image files, damaged and forged: every one of them can be decoded whole, or is refused by a sentence.</summary>
public sealed class ImageFuzzTests : IDisposable
{
    private const int MostPixels = 1 << 16;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Images_are_decoded_or_refused()
    {
        var formats = (SKEncodedImageFormat[])[SKEncodedImageFormat.Png, SKEncodedImageFormat.Jpeg];
        var corpus = formats.Select(format => File.ReadAllBytes(ImageFiles.Write(_folder.PathOf($"good.{format}"), 24, 16, (x, y) => ImageFiles.Grey(10 * x + y), format))).ToList();
        var path = _folder.PathOf("image");
        Fuzzer.Run(corpus, 1_000, image =>
        {
            File.WriteAllBytes(path, image);
            ImageLook.Of(path, MostPixels);
        }, exception => exception is InvalidDataException);
    }
}
