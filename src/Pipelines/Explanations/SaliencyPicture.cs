using Sconce.Pipelines.Plots;
using SkiaSharp;

namespace Sconce.Pipelines.Explanations;

/// <summary>Draws an image, and beside it the contributions of its pixels over a pale copy.</summary>
internal static class SaliencyPicture
{
    private const int LeastWidth = 280;
    private const int Gap = 12;

    /// <summary>Contributions above this share of all have the full color, so that a single pixel does not hide the others.</summary>
    private const double Brightest = 0.99;

    private static readonly (byte R, byte G, byte B) _for = (0xE7, 0x63, 0x00);
    private static readonly (byte R, byte G, byte B) _against = (0x3F, 0x90, 0xDA);

    public static void Save(Saliency saliency, string path)
    {
        var scale = Math.Max(1, (LeastWidth + saliency.Width - 1) / saliency.Width);
        var (width, height) = (saliency.Width * scale, saliency.Height * scale);
        PngFile.Write(path, (2L * width) + Gap, height, canvas =>
        {
            using var image = Bitmap(saliency, Plain);
            using var overlay = Bitmap(saliency, Overlay(saliency));
            using var left = SKImage.FromBitmap(image);
            using var right = SKImage.FromBitmap(overlay);
            canvas.DrawImage(left, SKRect.Create(0, 0, width, height));
            canvas.DrawImage(right, SKRect.Create(width + Gap, 0, width, height));
        });
    }

    private static SKColor Plain(byte brightness, float contribution) => new(brightness, brightness, brightness);

    private static Func<byte, float, SKColor> Overlay(Saliency saliency)
    {
        var sizes = saliency.Contributions.Select(Math.Abs).Order().ToList();
        var full = Math.Max(sizes[(int)((sizes.Count - 1) * Brightest)], sizes[^1] * 0.1f);
        return (brightness, contribution) =>
        {
            var share = full > 0 ? Math.Min(1, Math.Abs(contribution) / full) : 0;
            // A pale copy of the image shows where the colors are.
            var ground = 255 - ((255 - brightness) * 0.25f);
            var (red, green, blue) = contribution > 0 ? _for : _against;
            return new SKColor(Mix(red), Mix(green), Mix(blue));

            byte Mix(byte color) => (byte)MathF.Round((ground * (1 - share)) + (color * share));
        };
    }

    /// <summary>A pixel for each of the image, whose brightness is stretched to the whole range.</summary>
    private static SKBitmap Bitmap(Saliency saliency, Func<byte, float, SKColor> color)
    {
        var (darkest, range) = (saliency.Brightness.Min(), saliency.Brightness.Max() - saliency.Brightness.Min());
        var bitmap = new SKBitmap(new SKImageInfo(saliency.Width, saliency.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (var i = 0; i < saliency.Brightness.Count; i++)
        {
            var brightness = range > 0 ? (byte)MathF.Round(255 * (saliency.Brightness[i] - darkest) / range) : (byte)0;
            bitmap.SetPixel(i % saliency.Width, i / saliency.Width, color(brightness, saliency.Contributions[i]));
        }

        return bitmap;
    }
}
