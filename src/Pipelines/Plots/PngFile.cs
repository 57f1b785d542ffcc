using System.Runtime.InteropServices;
using Sconce.Core.Storage;
using SkiaSharp;

namespace Sconce.Pipelines.Plots;

/// <summary>Draws a picture on white and writes it as PNG, atomically.</summary>
internal static class PngFile
{
    private const string Ending = ".png";
    // 1 GB at 4 bytes a pixel, which one bitmap can hold.
    private const long MostPixels = 1 << 28;

    /// <summary>Requires the ending .png, before any work.</summary>
    /// <exception cref="ArgumentException">The ending is another.</exception>
    public static void CheckEnding(string path)
    {
        if (!Path.GetExtension(path).Equals(Ending, StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"'{path}' does not end in {Ending}; pictures are PNG files.", nameof(path));
    }

    /// <summary>Draws, then writes.</summary>
    /// <param name="path">The file, which has to end in .png.</param>
    /// <param name="width">The width in pixels.</param>
    /// <param name="height">The height in pixels.</param>
    /// <param name="draw">Draws on the white canvas.</param>
    /// <exception cref="ArgumentException">The ending is another, or the picture is too large.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, long width, long height, Action<SKCanvas> draw)
    {
        CheckEnding(path);
        using var png = Encode(path, width, height, draw);
        AtomicFile.Write(path, png.SaveTo);
    }

    /// <summary>Draws on a white canvas, and encodes it as PNG; to be disposed.</summary>
    /// <exception cref="ArgumentException">The picture is too large; the message names <paramref name="path"/>.</exception>
    public static SKData Encode(string path, long width, long height, Action<SKCanvas> draw)
    {
        if (width * height > MostPixels)
            throw new ArgumentException($"'{path}' would have {width} x {height} pixels; the maximum is {MostPixels} in total. Choose fewer images or a smaller scale.");
        using var bitmap = new SKBitmap(new SKImageInfo((int)width, (int)height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using (var canvas = new SKCanvas(bitmap))
        {
            canvas.Clear(SKColors.White);
            draw(canvas);
        }

        return bitmap.Encode(SKEncodedImageFormat.Png, quality: 100);
    }

    /// <summary>Encodes a gray image as PNG, pixel for pixel.</summary>
    public static byte[] Encode(GrayImage image)
    {
        using var bitmap = ToBitmap(image);
        using var png = bitmap.Encode(SKEncodedImageFormat.Png, quality: 100);
        return png.ToArray();
    }

    /// <summary>Copies a gray image to a bitmap; to be disposed.</summary>
    public static SKBitmap ToBitmap(GrayImage image)
    {
        var bitmap = new SKBitmap(new SKImageInfo(image.Width, image.Height, SKColorType.Gray8, SKAlphaType.Opaque));
        for (var line = 0; line < image.Height; line++)
            Marshal.Copy(image.Pixels, line * image.Width, bitmap.GetPixels() + line * bitmap.RowBytes, image.Width);
        return bitmap;
    }
}
