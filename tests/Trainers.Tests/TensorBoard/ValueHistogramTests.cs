using FsCheck.Fluent;
using Sconce.Trainers.TensorBoardFiles;

namespace Sconce.Trainers.Tests.TensorBoard;

/// <summary>Histograms against counting.</summary>
public class ValueHistogramTests
{
    [Fact]
    public void Every_value_is_counted_once_in_the_bucket_where_it_lies()
    {
        var random = new Random(3);
        float[] values = [.. Enumerable.Range(0, 10_000).Select(_ => (float)(random.NextDouble() * random.NextDouble() * 3 - 1))];
        var histogram = ValueHistogram.Of(values)!;
        Assert.Equal(values.Min(), histogram.Minimum);
        Assert.Equal(values.Max(), histogram.Maximum);
        Assert.Equal(values.Length, histogram.Count);
        Assert.Equal(values.Sum(value => (double)value), histogram.Sum, 1e-6);
        Assert.Equal(values.Sum(value => (double)value * value), histogram.SumOfSquares, 1e-6);
        var lower = histogram.Minimum;
        foreach (var (count, upper) in histogram.Counts.Zip(histogram.UpperBounds))
        {
            // A value on a bound may be counted on either side of it.
            Assert.InRange(count, values.Count(value => value > lower + 1e-6 && value < upper - 1e-6), values.Count(value => value >= lower - 1e-6 && value <= upper + 1e-6));
            lower = upper;
        }
    }

    [Fact]
    public void Whatever_the_values_the_buckets_hold_them_all()
    {
        Prop.ForAll((float[] values) =>
        {
            var finite = (values ?? []).Where(float.IsFinite).ToList();
            var histogram = ValueHistogram.Of(values);
            return finite.Count == 0
                ? histogram is null
                : histogram!.Counts.Sum() == finite.Count && histogram.Count == finite.Count && histogram.UpperBounds[^1] == finite.Max() && histogram.Counts.Length == histogram.UpperBounds.Length
                    && histogram.UpperBounds.Zip(histogram.UpperBounds.Skip(1)).All(pair => pair.First <= pair.Second);
        }).Holds();
    }

    [Theory]
    [InlineData(new[] { 0f, 0, 0 })]
    [InlineData(new[] { float.MinValue, float.MaxValue })]
    [InlineData(new[] { float.Epsilon, 2 * float.Epsilon })]
    public void Extremes_are_counted(float[] values)
    {
        var histogram = ValueHistogram.Of(values)!;
        Assert.Equal(values.Length, histogram.Counts.Sum());
        Assert.All(histogram.UpperBounds, bound => Assert.True(double.IsFinite(bound)));
    }

    [Fact]
    public void What_is_not_finite_is_left_out()
    {
        Assert.Null(ValueHistogram.Of([]));
        Assert.Null(ValueHistogram.Of([float.NaN, float.PositiveInfinity]));
        Assert.Equal(2, ValueHistogram.Of([1, float.NaN, 2, float.NegativeInfinity])!.Count);
    }
}
