namespace Sconce.Trainers.Networks;

/// <summary>The shape of a row that is an image.</summary>
internal readonly record struct ImageShape(int Channels, int Height, int Width)
{
    public int Length => Channels * Height * Width;

    /// <summary>Reads [height, width] as one channel, [channels, height, width] as it stands.</summary>
    /// <param name="shape">The shape of a row.</param>
    /// <param name="network">The network that reads images, for the start of the exception's message.</param>
    /// <exception cref="ArgumentException">Rows of that shape are not images.</exception>
    public static ImageShape Of(IReadOnlyList<int> shape, string network) => shape switch
    {
        [var height, var width] => new(1, height, width),
        [var channels, var height, var width] => new(channels, height, width),
        _ => throw new ArgumentException(
            $"{network} reads images, [height, width] or [channels, height, width]; the feature column's rows have the shape [{string.Join(", ", shape)}]. " +
            "Use a vector type with dimensions.", nameof(shape)),
    };
}
