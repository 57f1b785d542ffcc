using System.Numerics.Tensors;

namespace Sconce.Trainers.TensorBoardFiles;

/// <summary>How values are spread, as TensorBoard's HistogramProto has it. Values that are not finite are left out.</summary>
/// <param name="Minimum">The least value.</param>
/// <param name="Maximum">The greatest.</param>
/// <param name="Count">Their number, at least 1.</param>
/// <param name="Sum">Their sum.</param>
/// <param name="SumOfSquares">The sum of their squares.</param>
/// <param name="UpperBounds">Where each bucket ends; the first begins at the minimum, and the last ends at the maximum.</param>
/// <param name="Counts">The number of values in each bucket.</param>
internal sealed record ValueHistogram(double Minimum, double Maximum, long Count, double Sum, double SumOfSquares, double[] UpperBounds, double[] Counts)
{
    /// <summary>As many as TensorBoard draws.</summary>
    private const int Buckets = 30;

    /// <summary>Counts values; null where there are none.</summary>
    public static ValueHistogram? Of(ReadOnlySpan<float> values)
    {
        if (values.IsEmpty)
            return null;
        // NaN is the least and the greatest of values that have one.
        double minimum = TensorPrimitives.Min(values), maximum = TensorPrimitives.Max(values);
        if (!double.IsFinite(minimum) || !double.IsFinite(maximum))
            return Of(Array.FindAll(values.ToArray(), float.IsFinite));

        double sum = 0, squares = 0;
        foreach (var value in values)
        {
            sum += value;
            squares += (double)value * value;
        }

        if (minimum == maximum)
            return new ValueHistogram(minimum, maximum, values.Length, sum, squares, [maximum], [values.Length]);

        var counts = new int[Buckets];
        var bucketsPerUnit = Buckets / (maximum - minimum);
        foreach (var value in values)
            counts[Math.Min((int)((value - minimum) * bucketsPerUnit), Buckets - 1)]++;
        double[] bounds = [.. Enumerable.Range(1, Buckets).Select(i => i == Buckets ? maximum : minimum + i / bucketsPerUnit)];
        return new ValueHistogram(minimum, maximum, values.Length, sum, squares, bounds, [.. counts.Select(count => (double)count)]);
    }
}
