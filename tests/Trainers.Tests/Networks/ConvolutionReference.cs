namespace Sconce.Trainers.Tests.Networks;

/// <summary>An image network's layers as nested loops over single numbers, in double precision.</summary>
internal static class ConvolutionReference
{
    /// <summary>Cross-correlation of [channels][y][x] with filters of the shape [filters, channels, kernel, kernel], padded with zeros on each side.</summary>
    public static double[][][] Convolve(double[][][] image, float[] filters, float[]? bias, int count, int kernel, int padding)
    {
        int height = image[0].Length + 2 * padding - kernel + 1, width = image[0][0].Length + 2 * padding - kernel + 1;
        return Build(count, height, width, (filter, y, x) =>
        {
            double sum = bias?[filter] ?? 0;
            for (var c = 0; c < image.Length; c++)
            {
                for (var ky = 0; ky < kernel; ky++)
                {
                    for (var kx = 0; kx < kernel; kx++)
                    {
                        int sourceY = y + ky - padding, sourceX = x + kx - padding;
                        if (sourceY >= 0 && sourceY < image[c].Length && sourceX >= 0 && sourceX < image[c][0].Length)
                            sum += image[c][sourceY][sourceX] * filters[((filter * image.Length + c) * kernel + ky) * kernel + kx];
                    }
                }
            }

            return sum;
        });
    }

    /// <summary>The largest value of each square; what fills no square at the right and at the bottom is left out.</summary>
    public static double[][][] Pool(double[][][] image, int size) => Build(image.Length, image[0].Length / size, image[0][0].Length / size, (c, y, x) =>
    {
        var largest = double.NegativeInfinity;
        for (var dy = 0; dy < size; dy++)
        {
            for (var dx = 0; dx < size; dx++)
                largest = Math.Max(largest, image[c][y * size + dy][x * size + dx]);
        }

        return largest;
    });

    public static double[][][] Map(double[][][] image, Func<int, double, double> map) =>
        Build(image.Length, image[0].Length, image[0][0].Length, (c, y, x) => map(c, image[c][y][x]));

    public static double[] Flatten(double[][][] image) => [.. image.SelectMany(channel => channel.SelectMany(row => row))];

    /// <summary>A dense layer of weights of the shape [outputs, inputs].</summary>
    public static double[] Multiply(double[] input, float[] weights, float[] bias) =>
        [.. bias.Select((offset, output) => offset + input.Select((value, i) => value * weights[output * input.Length + i]).Sum())];

    public static double[][][] Build(int channels, int height, int width, Func<int, int, int, double> value) =>
        [.. Enumerable.Range(0, channels).Select(c => Enumerable.Range(0, height).Select(y => Enumerable.Range(0, width).Select(x => value(c, y, x)).ToArray()).ToArray())];
}
