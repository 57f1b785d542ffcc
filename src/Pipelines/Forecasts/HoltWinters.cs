using System.Globalization;
using Sconce.Core.Errors;

namespace Sconce.Pipelines;

/// <summary>
/// Holt-Winters exponential smoothing with level, trend, and additive season (Winters, "Forecasting sales by exponentially weighted moving averages", 1960).
/// </summary>
/// <remarks>
/// l' = α (y - s) + (1 - α) (l + b);  b' = β (l' - l) + (1 - β) b;  s' = γ (y - l') + (1 - γ) s; the forecast h steps
/// ahead is l + h b + s. The first two seasons give the initial values: the difference of their means per step is the trend, a line of this slope
/// through the middle of the first season ends in the level, and the deviations of the first season from the line are the seasonal values.
/// </remarks>
/// <param name="Season">The season length, at least 2.</param>
/// <param name="Alpha">The smoothing factor of the level, 0 to 1.</param>
/// <param name="Beta">The smoothing factor of the trend, 0 to 1.</param>
/// <param name="Gamma">The smoothing factor of the season, 0 to 1.</param>
public sealed record HoltWinters(int Season, double Alpha, double Beta, double Gamma) : StatisticalForecast
{
    private const double FirstStride = 0.1;
    private const double LastStride = 1e-5;

    /// <inheritdoc/>
    public override string Name => string.Create(CultureInfo.InvariantCulture, $"Holt-Winters {Season}");

    /// <inheritdoc/>
    public override int LeastHistory => 2 * Season;

    /// <summary>Finds the three smoothing factors with the least sum of squared one-step-ahead errors.</summary>
    /// <param name="values">The values to fit, all finite, more than two seasons.</param>
    /// <param name="season">The season length, at least 2.</param>
    /// <exception cref="ArgumentException">There are too few values.</exception>
    public static HoltWinters Fit(ReadOnlySpan<double> values, int season)
    {
        Check.AtLeast(season, 2, nameof(season));
        Check.AtLeast(values.Length, 2 * season + 1, "The number of values that Holt-Winters learns from");
        var best = (Model: new HoltWinters(season, 0.5, 0.1, 0.1), Error: double.PositiveInfinity);
        // The error has several local minima: pattern search from the best of several starts.
        foreach (var alpha in (double[])[0.05, 0.3, 0.8])
        {
            foreach (var beta in (double[])[0, 0.05, 0.3])
            {
                foreach (var gamma in (double[])[0, 0.05, 0.3])
                    TryBetter(values, new HoltWinters(season, alpha, beta, gamma), ref best);
            }
        }

        for (var stride = FirstStride; stride >= LastStride;)
        {
            if (!Step(values, stride, ref best))
                stride /= 2;
        }

        return best.Model;
    }

    /// <summary>The sum of squared one-step-ahead errors.</summary>
    internal double SquaredError(ReadOnlySpan<double> values) => Smooth(values, out _, out _, out _);

    private protected override void Fill(ReadOnlySpan<double> history, Span<double> forecast)
    {
        Smooth(history, out var level, out var trend, out var season);
        for (var step = 0; step < forecast.Length; step++)
            forecast[step] = level + (step + 1) * trend + season[(history.Length + step) % Season];
    }

    /// <summary>Tries a stride in each direction of each factor, and keeps what is better.</summary>
    private static bool Step(ReadOnlySpan<double> values, double stride, ref (HoltWinters Model, double Error) best)
    {
        var (start, moved) = (best.Model, false);
        foreach (var by in (double[])[stride, -stride])
        {
            moved |= TryBetter(values, best.Model with { Alpha = Math.Clamp(best.Model.Alpha + by, 0, 1) }, ref best);
            moved |= TryBetter(values, best.Model with { Beta = Math.Clamp(best.Model.Beta + by, 0, 1) }, ref best);
            moved |= TryBetter(values, best.Model with { Gamma = Math.Clamp(best.Model.Gamma + by, 0, 1) }, ref best);
        }

        // Repeats a successful move, as valleys are seldom parallel to an axis.
        var end = best.Model;
        if (moved)
            TryBetter(values, end with { Alpha = Onward(start.Alpha, end.Alpha), Beta = Onward(start.Beta, end.Beta), Gamma = Onward(start.Gamma, end.Gamma) }, ref best);
        return moved;
    }

    private static double Onward(double start, double end) => Math.Clamp(2 * end - start, 0, 1);

    private static bool TryBetter(ReadOnlySpan<double> values, HoltWinters model, ref (HoltWinters Model, double Error) best)
    {
        var error = model.SquaredError(values);
        if (!(error < best.Error))
            return false;
        best = (model, error);
        return true;
    }

    /// <summary>Smooths the values; returns the final state, with seasonal values by position in the season.</summary>
    private double Smooth(ReadOnlySpan<double> values, out double level, out double trend, out double[] season)
    {
        var (first, second) = (Mean(values[..Season]), Mean(values[Season..(2 * Season)]));
        (trend, season) = ((second - first) / Season, new double[Season]);
        var middle = (Season - 1) / 2.0;
        for (var place = 0; place < Season; place++)
            season[place] = values[place] - (first + trend * (place - middle));
        level = first + trend * middle;
        var squares = 0.0;
        for (var t = Season; t < values.Length; t++)
        {
            var (place, value) = (t % Season, values[t]);
            var expected = level + trend;
            var error = value - expected - season[place];
            squares += error * error;
            var next = Alpha * (value - season[place]) + (1 - Alpha) * expected;
            trend = Beta * (next - level) + (1 - Beta) * trend;
            level = next;
            season[place] = Gamma * (value - level) + (1 - Gamma) * season[place];
        }

        return squares;
    }

    private static double Mean(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values)
            sum += value;
        return sum / values.Length;
    }
}
