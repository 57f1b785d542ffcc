using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Pipelines.Metrics;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tests.Compression;

/// <summary>Against principal components found in plain C#, by power iteration on the covariance and deflation.</summary>
public class PrincipalComponentsTests
{
    private const int Width = 6;

    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Errors_are_those_of_a_projection_computed_by_hand()
    {
        var (train, test) = (Rows(seed: 1, 200, shift: 0), Rows(seed: 2, 70, shift: 0.3));
        int[] counts = [1, 2, 3, 4, 5, 6];
        var errors = PrincipalComponents.Errors(View(train), View(test), new InputColumn("Values", FeatureType.Single, [Width]), counts);
        var expected = counts.Select(count => ErrorByHand(train, test, count)).ToList();
        for (var i = 0; i < counts.Length; i++)
            Assert.Equal(expected[i], errors[i], 1e-6);
        Assert.Equal(errors.OrderDescending(), errors);
        Assert.Equal(0, errors[^1], 1e-9);
    }

    [Fact]
    public void Bytes_are_shares_of_255()
    {
        var rows = Rows(seed: 1, 50, shift: 0).Select(row => Array.ConvertAll(row, value => (byte)Math.Clamp(128 + 40 * value, 0, 255))).ToList();
        var shares = rows.Select(row => Array.ConvertAll(row, value => value / 255f)).ToList();
        var bytes = _ml.Data.LoadFromEnumerable(rows.Select(row => new ByteRow { Values = row }));
        var ofBytes = PrincipalComponents.Errors(bytes, bytes, new InputColumn("Values", FeatureType.Byte, [Width]), [2])[0];
        var ofShares = PrincipalComponents.Errors(View(shares), View(shares), new InputColumn("Values", FeatureType.Single, [Width]), [2])[0];
        // Shares were rounded to single precision.
        Assert.Equal(ofShares, ofBytes, 1e-7);
    }

    private static List<float[]> Rows(int seed, int count, double shift)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var factors = Enumerable.Range(0, 3).Select(_ => random.NextDouble() * 2 - 1).ToArray();
            return Enumerable.Range(0, Width).Select(i => (float)(shift + factors[i % 3] * (i + 1) + factors[(i + 1) % 3] + 0.1 * random.NextDouble())).ToArray();
        })];
    }

    private static double ErrorByHand(List<float[]> train, List<float[]> test, int count)
    {
        var mean = Enumerable.Range(0, Width).Select(i => train.Average(row => (double)row[i])).ToArray();
        var covariance = new double[Width, Width];
        foreach (var row in train)
        {
            for (var i = 0; i < Width; i++)
            {
                for (var j = 0; j < Width; j++)
                    covariance[i, j] += (row[i] - mean[i]) * (row[j] - mean[j]) / train.Count;
            }
        }

        List<double[]> components = [];
        for (var k = 0; k < count; k++)
        {
            var (component, variance) = Strongest(covariance);
            components.Add(component);
            for (var i = 0; i < Width; i++)
            {
                for (var j = 0; j < Width; j++)
                    covariance[i, j] -= variance * component[i] * component[j];
            }
        }

        return test.Average(row =>
        {
            var rest = row.Select((value, i) => value - mean[i]).ToArray();
            foreach (var component in components)
            {
                var share = Enumerable.Range(0, Width).Sum(i => rest[i] * component[i]);
                for (var i = 0; i < Width; i++)
                    rest[i] -= share * component[i];
            }

            return rest.Average(value => value * value);
        });
    }

    private static (double[] Component, double Variance) Strongest(double[,] covariance)
    {
        var vector = Enumerable.Range(0, Width).Select(i => 1.0 / (i + 1.7)).ToArray();
        var length = 1.0;
        for (var iteration = 0; iteration < 2_000; iteration++)
        {
            var next = Enumerable.Range(0, Width).Select(i => Enumerable.Range(0, Width).Sum(j => covariance[i, j] * vector[j])).ToArray();
            length = Math.Sqrt(next.Sum(value => value * value));
            vector = Array.ConvertAll(next, value => value / length);
        }

        return (vector, length);
    }

    private IDataView View(List<float[]> rows) => _ml.Data.LoadFromEnumerable(rows.Select(row => new FloatRow { Values = row }));

    private sealed class FloatRow
    {
        [VectorType(Width)]
        public float[] Values { get; init; } = [];
    }

    private sealed class ByteRow
    {
        [VectorType(Width)]
        public byte[] Values { get; init; } = [];
    }
}
