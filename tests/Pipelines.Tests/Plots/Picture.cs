using SkiaSharp;

namespace Sconce.Pipelines.Tests.Plots;

/// <summary>A PNG file, read back.</summary>
public sealed class Picture : IDisposable
{
    private static readonly byte[] _signature = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    private readonly SKBitmap _bitmap;

    public Picture(string path)
    {
        Assert.Equal(_signature, File.ReadAllBytes(path)[.._signature.Length]);
        _bitmap = SKBitmap.Decode(path);
        Pixels = _bitmap.Pixels;
    }

    public int Width => _bitmap.Width;

    public int Height => _bitmap.Height;

    /// <summary>Row by row.</summary>
    public SKColor[] Pixels { get; }

    public SKColor At(int x, int y) => Pixels[y * Width + x];

    public int Count(Func<SKColor, bool> which) => Pixels.Count(which);

    /// <summary>Whether nothing is drawn on the outermost pixels: a label that is cut off would be.</summary>
    public bool HasWhiteFrame() => Enumerable.Range(0, Width).All(x => At(x, 0) == SKColors.White && At(x, Height - 1) == SKColors.White)
        && Enumerable.Range(0, Height).All(y => At(0, y) == SKColors.White && At(Width - 1, y) == SKColors.White);

    public void Dispose() => _bitmap.Dispose();
}
