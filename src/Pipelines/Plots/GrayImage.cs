namespace Sconce.Pipelines.Plots;

/// <summary>A gray image for <see cref="ImageGrid"/>: 0 is black, 255 white.</summary>
internal sealed class GrayImage
{
    /// <param name="pixels">The gray values, row by row: height x width.</param>
    /// <param name="height">The number of rows, at least 1.</param>
    /// <param name="width">The number of columns, at least 1.</param>
    public GrayImage(byte[] pixels, int height, int width) => (Pixels, Height, Width) = (pixels, height, width);

    /// <param name="shares">Likewise, in [0, 1]; values outside, as in a network's output, become black or white.</param>
    /// <param name="height">The number of rows, at least 1.</param>
    /// <param name="width">The number of columns, at least 1.</param>
    /// <exception cref="ArgumentException">A value is NaN.</exception>
    public GrayImage(float[] shares, int height, int width)
        : this(Array.ConvertAll(shares, ToByte), height, width)
    {
    }

    /// <summary>The number of rows.</summary>
    public int Height { get; }

    /// <summary>The number of columns.</summary>
    public int Width { get; }

    internal byte[] Pixels { get; }

    private static byte ToByte(float share) => float.IsNaN(share)
        ? throw new ArgumentException("A pixel of the image is NaN.")
        : (byte)MathF.Round(byte.MaxValue * Math.Clamp(share, 0, 1));
}
