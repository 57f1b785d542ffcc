using System.Numerics.Tensors;

namespace Sconce.Trainers.Forecasts;

/// <summary>Standardizes values to a mean of 0 and a standard deviation of 1.</summary>
/// <param name="Name">The name of the series or covariate.</param>
/// <param name="Mean">The mean of the values.</param>
/// <param name="Deviation">The standard deviation of the values; for constant values, a hundredth of the constant, at most 1.</param>
internal sealed record NamedScale(string Name, double Mean, double Deviation)
{
    /// <summary>The fraction of a constant value that is used as its deviation, so that an inexact network stays near the value.</summary>
    private const double ConstantShare = 0.01;

    /// <summary>A Single represents values of up to this many standard deviations with an error below a thousandth of one.</summary>
    private const double MostDeviations = 4096;

    public static NamedScale Of(string name, IEnumerable<double> values)
    {
        double[] all = [.. values];
        var (least, greatest) = (TensorPrimitives.Min<double>(all), TensorPrimitives.Max<double>(all));
        if (least == greatest)
            return new NamedScale(name, least, least == 0 ? 1 : Math.Max(double.Epsilon, Math.Min(1, Math.Abs(least) * ConstantShare)));
        // In units of the largest value, so that squares neither overflow nor underflow; the unit is a power of two, so that nothing is
        // rounded.
        var unit = Math.ScaleB(1, Math.ILogB(Math.Max(Math.Abs(least), Math.Abs(greatest))));
        TensorPrimitives.Divide(all, unit, all);
        var mean = TensorPrimitives.Sum<double>(all) / all.Length;
        var deviation = Math.Sqrt(all.Sum(value => (value - mean) * (value - mean)) / all.Length);
        return new NamedScale(name, mean * unit, deviation * unit);
    }

    /// <summary>Scales a value. The difference from the mean is taken in double precision, so that small movements on a large level are not lost.</summary>
    /// <remarks>Single precision is used if it suffices, so that models of earlier versions give the same bits.</remarks>
    public float Scale(double value) => Math.Max(Math.Abs(value), Math.Abs(Mean)) < MostDeviations * Deviation && Deviation is > 1e-30 and < 1e30
        ? ((float)value - (float)Mean) / (float)Deviation
        : (float)((value - Mean) / Deviation);

    public double Restore(float scaled) => scaled * Deviation + Mean;
}
