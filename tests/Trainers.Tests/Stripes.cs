using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests;

/// <summary>Small images of three classes that a network learns in a second: upright, level and slanting stripes, with noise.</summary>
internal static class Stripes
{
    public const int Size = 8;

    public static readonly string[] Classes = ["level", "slanting", "upright"];

    public static IDataView Load(MLContext ml, int rows = 300, int seed = 5) => ml.Data.LoadFromEnumerable(Create(rows, seed));

    /// <summary>The same images as floats in [0, 1].</summary>
    public static IDataView LoadFloats(MLContext ml, int rows = 300, int seed = 5) =>
        ml.Data.LoadFromEnumerable(Create(rows, seed).Select(row => new FloatRow { Name = row.Name, Image = [.. row.Image.Select(pixel => pixel / 255f)] }));

    public static List<Row> Create(int rows, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows).Select(_ => CreateOne(random))];
    }

    private static Row CreateOne(Random random)
    {
        int kind = random.Next(3), phase = random.Next(4);
        var image = new byte[Size * Size];
        for (var y = 0; y < Size; y++)
        {
            for (var x = 0; x < Size; x++)
            {
                var along = kind switch { 0 => y, 1 => x + y, _ => x };
                image[y * Size + x] = (byte)(((along + phase) % 4 < 2 ? 180 : 20) + random.Next(60));
            }
        }

        return new Row { Name = Classes[kind], Image = image };
    }

    public sealed class Row
    {
        public string Name { get; set; } = "";

        [VectorType(Size, Size)]
        public byte[] Image { get; set; } = [];
    }

    public sealed class FloatRow
    {
        public string Name { get; set; } = "";

        [VectorType(Size, Size)]
        public float[] Image { get; set; } = [];
    }

    public sealed class Prediction
    {
        public string Answer { get; set; } = "";

        public uint PredictedLabel { get; set; }

        public float[] Score { get; set; } = [];
    }

    /// <summary>A small network that learns the stripes in a few steps.</summary>
    public static ConvolutionalNetwork.Options Quick { get; } = new()
    {
        FeatureColumnName = "Image",
        Network = new() { Convolutions = [new(4), new(8)] },
        BatchSize = 32,
        NumberOfEpochs = 4,
    };

    /// <summary>From the name to the name: what a user would write.</summary>
    public static IEstimator<ITransformer> Pipeline(MLContext ml, ConvolutionalNetwork.Options? options = null) =>
        ml.Transforms.Conversion.MapValueToKey("Label", "Name", keyOrdinality: Microsoft.ML.Transforms.ValueToKeyMappingEstimator.KeyOrdinality.ByValue)
            .Append(ml.MulticlassClassification.Trainers.ConvolutionalNetwork(options ?? Quick))
            .Append(ml.Transforms.Conversion.MapKeyToValue("Answer", "PredictedLabel"));
}
