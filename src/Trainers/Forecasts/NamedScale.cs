using System.Numerics.Tensors;

namespace Sconce.Trainers.Forecasts;

/// <summary>What takes values to a mean of zero and a deviation of one.</summary>
/// <param name="Name">Whose values.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Deviation">Their standard deviation; where they are all the same a hundredth of them, and at most 1.</param>
internal sealed record NamedScale(string Name, double Mean, double Deviation)
{
    /// <summary>The share of a constant value that takes the place of its deviation: a network that is somewhat off stays near the value.</summary>
    private const double ConstantShare = 0.01;

    /// <summary>A Single holds values of so many deviations to less than a thousandth of one.</summary>
    private const double MostDeviations = 4096;

    public static NamedScale Of(string name, IEnumerable<double> values)
    {
        double[] all = [.. values];
        var (least, greatest) = (TensorPrimitives.Min<double>(all), TensorPrimitives.Max<double>(all));
        if (least == greatest)
            return new NamedScale(name, least, least == 0 ? 1 : Math.Max(double.Epsilon, Math.Min(1, Math.Abs(least) * ConstantShare)));
        // In units of the greatest, so that the squares of great and small values are numbers too; of a power of two, so that nothing is rounded.
        var unit = Math.ScaleB(1, Math.ILogB(Math.Max(Math.Abs(least), Math.Abs(greatest))));
        TensorPrimitives.Divide(all, unit, all);
        var mean = TensorPrimitives.Sum<double>(all) / all.Length;
        var deviation = Math.Sqrt(all.Sum(value => (value - mean) * (value - mean)) / all.Length);
        return new NamedScale(name, mean * unit, deviation * unit);
    }

    /// <summary>Scales a value. Of small movements on a large level nothing may be lost: their difference from the mean is taken before it becomes a Single.</summary>
    /// <remarks>Where a Single holds them all is as it was in models that had nothing else, to the last bit.</remarks>
    public float Scale(double value) => Math.Max(Math.Abs(value), Math.Abs(Mean)) < MostDeviations * Deviation && Deviation is > 1e-30 and < 1e30
        ? ((float)value - (float)Mean) / (float)Deviation
        : (float)((value - Mean) / Deviation);

    public double Restore(float scaled) => scaled * Deviation + Mean;
}
