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
        Assert.Equal(values.Min(), histogram.Min);
        Assert.Equal(values.Max(), histogram.Max);
        Assert.Equal(values.Length, histogram.Num);
        Assert.Equal(values.Sum(value => (double)value), histogram.Sum, 1e-6);
        Assert.Equal(values.Sum(value => (double)value * value), histogram.SumSquares, 1e-6);
        var lower = histogram.Min;
        foreach (var (count, upper) in histogram.Bucket.Zip(histogram.BucketLimit))
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
                : histogram!.Bucket.Sum() == finite.Count && histogram.Num == finite.Count && histogram.BucketLimit[^1] == finite.Max() && histogram.Bucket.Count == histogram.BucketLimit.Count
                    && histogram.BucketLimit.Zip(histogram.BucketLimit.Skip(1)).All(pair => pair.First <= pair.Second);
        }).Holds();
    }

    [Theory]
    [InlineData(new[] { 0f, 0, 0 })]
    [InlineData(new[] { float.MinValue, float.MaxValue })]
    [InlineData(new[] { float.Epsilon, 2 * float.Epsilon })]
    public void Extremes_are_counted(float[] values)
    {
        var histogram = ValueHistogram.Of(values)!;
        Assert.Equal(values.Length, histogram.Bucket.Sum());
        Assert.All(histogram.BucketLimit, bound => Assert.True(double.IsFinite(bound)));
    }

    [Fact]
    public void What_is_not_finite_is_left_out()
    {
        Assert.Null(ValueHistogram.Of([]));
        Assert.Null(ValueHistogram.Of([float.NaN, float.PositiveInfinity]));
        Assert.Equal(2, ValueHistogram.Of([1, float.NaN, 2, float.NegativeInfinity])!.Num);
    }
}
