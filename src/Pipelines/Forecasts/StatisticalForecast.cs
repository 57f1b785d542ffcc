using System.Globalization;
using Sconce.Core.Errors;

namespace Sconce.Pipelines;

/// <summary>A forecast without a network, as a baseline.</summary>
public abstract record StatisticalForecast
{
    /// <summary>The name in tables.</summary>
    public abstract string Name { get; }

    /// <summary>The number of past values that it needs.</summary>
    public abstract int LeastHistory { get; }

    /// <summary>Forecasts the next values.</summary>
    /// <param name="history">The past values, all finite, at least <see cref="LeastHistory"/>.</param>
    /// <param name="horizon">The number of steps to forecast, at least 1.</param>
    /// <exception cref="ArgumentException">There are too few past values.</exception>
    public double[] Forecast(ReadOnlySpan<double> history, int horizon)
    {
        Check.AtLeast(history.Length, LeastHistory, $"The number of values before the forecast '{Name}'");
        Check.AtLeast(horizon, 1, nameof(horizon));
        var forecast = new double[horizon];
        Fill(history, forecast);
        return forecast;
    }

    private protected abstract void Fill(ReadOnlySpan<double> history, Span<double> forecast);
}

/// <summary>Repeats the last value.</summary>
public sealed record NaiveForecast : StatisticalForecast
{
    /// <inheritdoc/>
    public override string Name => "naive";

    /// <inheritdoc/>
    public override int LeastHistory => 1;

    private protected override void Fill(ReadOnlySpan<double> history, Span<double> forecast) => forecast.Fill(history[^1]);
}

/// <summary>Repeats the last season.</summary>
/// <param name="Season">The season length, at least 1: 7 for a week of days.</param>
public sealed record SeasonalNaiveForecast(int Season) : StatisticalForecast
{
    /// <inheritdoc/>
    public override string Name => string.Create(CultureInfo.InvariantCulture, $"seasonal-naive {Season}");

    /// <inheritdoc/>
    public override int LeastHistory => Season;

    private protected override void Fill(ReadOnlySpan<double> history, Span<double> forecast)
    {
        var season = history[^Season..];
        for (var step = 0; step < forecast.Length; step++)
            forecast[step] = season[step % Season];
    }
}
