namespace Sconce.Trainers.Networks;

/// <summary>The shape of a row that is an image.</summary>
internal readonly record struct ImageShape(int Channels, int Height, int Width)
{
    public int Length => Channels * Height * Width;

    /// <summary>Reads [height, width] as one channel, [channels, height, width] as it stands.</summary>
    /// <param name="shape">The shape of a row.</param>
    /// <param name="network">What reads images: it begins the refusal's sentence.</param>
    /// <exception cref="ArgumentException">Rows of that shape are no images.</exception>
    public static ImageShape Of(IReadOnlyList<int> shape, string network) => shape switch
    {
        [var height, var width] => new(1, height, width),
        [var channels, var height, var width] => new(channels, height, width),
        _ => throw new ArgumentException(
            $"{network} reads images, [height, width] or [channels, height, width]; the feature column's rows have the shape [{string.Join(", ", shape)}]. " +
            "A vector type with dimensions gives it one.", nameof(shape)),
    };
}
