using System.Numerics.Tensors;

namespace Sconce.Trainers.TensorBoardFiles;

/// <summary>TensorBoard's histograms of finite values.</summary>
internal static class ValueHistogram
{
    /// <summary>The number of buckets that TensorBoard draws.</summary>
    private const int Buckets = 30;

    /// <summary>Counts the finite values in buckets of equal width; null if there are none.</summary>
    public static HistogramProto? Of(ReadOnlySpan<float> values)
    {
        if (values.IsEmpty)
            return null;
        // The minimum and the maximum of values with NaN are NaN.
        double minimum = TensorPrimitives.Min(values), maximum = TensorPrimitives.Max(values);
        if (!double.IsFinite(minimum) || !double.IsFinite(maximum))
            return Of(Array.FindAll(values.ToArray(), float.IsFinite));

        double sum = 0, squares = 0;
        foreach (var value in values)
        {
            sum += value;
            squares += (double)value * value;
        }

        var histogram = new HistogramProto { Min = minimum, Max = maximum, Num = values.Length, Sum = sum, SumSquares = squares };
        if (minimum == maximum)
        {
            histogram.BucketLimit.Add(maximum);
            histogram.Bucket.Add(values.Length);
            return histogram;
        }

        var counts = new int[Buckets];
        var bucketsPerUnit = Buckets / (maximum - minimum);
        foreach (var value in values)
            counts[Math.Min((int)((value - minimum) * bucketsPerUnit), Buckets - 1)]++;
        histogram.BucketLimit.AddRange(Enumerable.Range(1, Buckets).Select(i => i == Buckets ? maximum : minimum + i / bucketsPerUnit));
        histogram.Bucket.AddRange(counts.Select(count => (double)count));
        return histogram;
    }
}
