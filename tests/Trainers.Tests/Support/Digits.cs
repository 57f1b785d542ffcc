using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests;

/// <summary>Some of MNIST's images, as bytes of 28 x 28 or as floats in [0, 1].</summary>
internal static class Digits
{
    public const int Size = 28;
    public const int Length = Size * Size;

    private const int ImageHeader = 16;
    private const int LabelHeader = 8;

    private static readonly byte[] _images = Read("t10k-images-idx3-ubyte.gz");
    private static readonly byte[] _labels = Read("t10k-labels-idx1-ubyte.gz");

    public static IDataView Load(MLContext ml, int rows, int first = 0) => ml.Data.LoadFromEnumerable(Create(rows, first));

    public static IDataView LoadFloats(MLContext ml, int rows, int first = 0) =>
        ml.Data.LoadFromEnumerable(Create(rows, first).Select(row => new FloatRow { Label = row.Label, Image = Array.ConvertAll(row.Image, pixel => pixel / 255f) }));

    public static List<Row> Create(int rows, int first = 0) => [.. Enumerable.Range(first, rows).Select(i => new Row
    {
        Label = _labels[LabelHeader + i],
        Image = _images.AsSpan(ImageHeader + i * Length, Length).ToArray(),
    })];

    /// <summary>What the least that can be learned comes to: the mean squared error of the mean image, of pixels in [0, 1].</summary>
    public static double ErrorOfMeanImage(IReadOnlyList<Row> rows)
    {
        var mean = Enumerable.Range(0, Length).Select(i => rows.Average(row => row.Image[i] / 255.0)).ToArray();
        return rows.Average(row => row.Image.Select((pixel, i) => Math.Pow(pixel / 255.0 - mean[i], 2)).Average());
    }

    private static byte[] Read(string name)
    {
        using var file = typeof(Digits).Assembly.GetManifestResourceStream(name)!;
        using var unpacked = new GZipStream(file, CompressionMode.Decompress);
        using var content = new MemoryStream();
        unpacked.CopyTo(content);
        return content.ToArray();
    }

    public sealed class Row
    {
        public uint Label { get; set; }

        [VectorType(Size, Size)]
        public byte[] Image { get; set; } = [];
    }

    public sealed class FloatRow
    {
        public uint Label { get; set; }

        [VectorType(Size, Size)]
        public float[] Image { get; set; } = [];
    }
}
