using System.Runtime.InteropServices;
using SkiaSharp;

namespace Sconce.Pipelines.Images;

/// <summary>What is known about an image file before it is used.</summary>
/// <param name="Polarity">The polarity by its border; null if the border has many tones, or a middle one.</param>
/// <param name="IsTransparent">Whether any pixel is transparent.</param>
/// <param name="IsTurned">Whether its EXIF orientation asks viewers to rotate it.</param>
internal readonly record struct ImageLook(ImagePolarity? Polarity, bool IsTransparent, bool IsTurned)
{
    private const int DarkestPaper = 160;
    private const int LightestBoard = 96;
    // A border of this share of similar tones shows the background.
    private const int SameTone = 40;
    private const double SameShare = 0.8;
    // JPEG is decoded much faster to an eighth of its size; all of its data is still read.
    private const float Shrink = 1 / 8f;
    private const int BytesPerPixel = 4;

    /// <summary>Decodes the whole file, so that damage is found before the training.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maximumPixels">The maximum number of pixels, compared with the file's header before anything is decoded.</param>
    /// <exception cref="InvalidDataException">It cannot be used. The message is a predicate: "has no bytes".</exception>
    public static ImageLook Of(string path, long maximumPixels)
    {
        try
        {
            using var file = Open(path);
            using var codec = OpenHeader(file, path, maximumPixels);
            return Of(codec);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"cannot be read: {exception.Message.TrimEnd('.')}", exception);
        }
    }

    private static SKCodec OpenHeader(FileStream file, string path, long maximumPixels)
    {
        var codec = SKCodec.Create(file, out var result) ?? throw new InvalidDataException($"cannot be decoded as an image ({result}); it starts with {Start(path)}");
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        if ((long)width * height <= maximumPixels)
            return codec;
        codec.Dispose();
        throw new InvalidDataException($"has {width} x {height} pixels; at most {maximumPixels:N0} are decoded");
    }

    private static FileStream Open(string path)
    {
        if (Directory.Exists(path))
            throw new InvalidDataException("is a folder");
        var file = new FileInfo(path);
        if (file.LinkTarget is { } target && !Path.Exists(file.ResolveLinkTarget(returnFinalTarget: true)!.FullName))
            throw new InvalidDataException($"is a link to '{target}', which is not there");
        if (!file.Exists)
            throw new InvalidDataException("is not there");
        if (file.Length == 0)
            throw new InvalidDataException("has no bytes");
        return file.OpenRead();
    }

    private static ImageLook Of(SKCodec codec)
    {
        var size = codec.GetScaledDimensions(Shrink);
        var info = new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, SKAlphaType.Premul);
        var pixels = new byte[info.BytesSize];
        SKCodecResult result;
        unsafe
        {
            fixed (byte* start = pixels)
                result = codec.GetPixels(info, (nint)start);
        }

        if (result != SKCodecResult.Success)
            throw new InvalidDataException($"is cut off or damaged ({result})");
        return new(PolarityOf(pixels, size.Width, size.Height), HasTransparency(codec, pixels), codec.EncodedOrigin is not (SKEncodedOrigin.TopLeft or SKEncodedOrigin.Default));
    }

    private static bool HasTransparency(SKCodec codec, byte[] pixels)
    {
        if (codec.Info.IsOpaque)
            return false;
        foreach (var pixel in MemoryMarshal.Cast<byte, uint>(pixels))
        {
            // Alpha is the last of a pixel's bytes, and so the highest.
            if (pixel >> 24 < byte.MaxValue)
                return true;
        }

        return false;
    }

    /// <summary>The background is the tone of the border, if it has a single one.</summary>
    private static ImagePolarity? PolarityOf(byte[] pixels, int width, int height)
    {
        List<int> border =
        [
            .. Enumerable.Range(0, width).SelectMany(x => (int[])[Gray(x, 0), Gray(x, height - 1)]),
            .. Enumerable.Range(1, Math.Max(0, height - 2)).SelectMany(y => (int[])[Gray(0, y), Gray(width - 1, y)]),
        ];
        border.Sort();
        var paper = border[border.Count / 2];
        if (border.Count(tone => Math.Abs(tone - paper) <= SameTone) < SameShare * border.Count)
            return null;
        return paper <= LightestBoard ? ImagePolarity.LightOnDark : paper >= DarkestPaper ? ImagePolarity.DarkOnLight : null;

        int Gray(int x, int y)
        {
            var pixel = pixels.AsSpan((y * width + x) * BytesPerPixel, BytesPerPixel);
            return (3 * pixel[0] + 6 * pixel[1] + pixel[2]) / 10;
        }
    }

    private static string Start(string path)
    {
        Span<byte> start = stackalloc byte[8];
        using var file = File.OpenRead(path);
        return Convert.ToHexString(start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)]);
    }
}
