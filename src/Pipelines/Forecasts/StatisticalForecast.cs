using System.Globalization;
using Sconce.Core.Errors;

namespace Sconce.Pipelines;

/// <summary>A forecast that needs no network: what one has to beat.</summary>
public abstract record StatisticalForecast
{
    /// <summary>What tables call it.</summary>
    public abstract string Name { get; }

    /// <summary>The number of values that it needs to have seen.</summary>
    public abstract int LeastHistory { get; }

    /// <summary>Forecasts the values that follow.</summary>
    /// <param name="history">All values so far, finite, at least <see cref="LeastHistory"/>.</param>
    /// <param name="horizon">How many to forecast, at least 1.</param>
    /// <exception cref="ArgumentException">There are too few values.</exception>
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

/// <summary>The last value, for ever.</summary>
public sealed record NaiveForecast : StatisticalForecast
{
    /// <inheritdoc/>
    public override string Name => "naive";

    /// <inheritdoc/>
    public override int LeastHistory => 1;

    private protected override void Fill(ReadOnlySpan<double> history, Span<double> forecast) => forecast.Fill(history[^1]);
}

/// <summary>The last season, again and again.</summary>
/// <param name="Season">The number of values in a season, at least 1: 7 for a week of days.</param>
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
