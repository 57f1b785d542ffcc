using Sconce.Core.Errors;

namespace Sconce.Pipelines.Plots;

/// <summary>A grey image for <see cref="ImageGrid"/>: 0 is black, 255 white.</summary>
internal sealed class GreyImage
{
    /// <param name="pixels">The grey values, row by row: height x width of them.</param>
    /// <param name="height">The number of rows, at least 1.</param>
    /// <param name="width">The number of columns, at least 1.</param>
    /// <exception cref="ArgumentException">There are more or fewer values.</exception>
    public GreyImage(byte[] pixels, int height, int width)
    {
        Check.AtLeast(height, 1, nameof(height));
        Check.AtLeast(width, 1, nameof(width));
        if (pixels.Length != (long)height * width)
            throw new ArgumentException($"There are {pixels.Length} values for an image of {height} x {width}, which has {(long)height * width}.", nameof(pixels));
        (Pixels, Height, Width) = (pixels, height, width);
    }

    /// <param name="shares">Likewise, in [0, 1]; what lies outside, as a network's output may, becomes black or white.</param>
    /// <param name="height">The number of rows, at least 1.</param>
    /// <param name="width">The number of columns, at least 1.</param>
    /// <exception cref="ArgumentException">There are more or fewer values, or one is not a number.</exception>
    public GreyImage(float[] shares, int height, int width)
        : this(Array.ConvertAll(shares, ToByte), height, width)
    {
    }

    /// <summary>The number of rows.</summary>
    public int Height { get; }

    /// <summary>The number of columns.</summary>
    public int Width { get; }

    internal byte[] Pixels { get; }

    private static byte ToByte(float share) => float.IsNaN(share)
        ? throw new ArgumentException("A value of the image is not a number (NaN), and has no grey.")
        : (byte)MathF.Round(byte.MaxValue * Math.Clamp(share, 0, 1));
}
