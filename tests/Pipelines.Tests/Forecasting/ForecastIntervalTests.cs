namespace Sconce.Pipelines.Tests.Forecasting;

public class ForecastIntervalTests
{
    [Fact]
    public void Coverage_counts_what_lies_within_the_bounds_and_on_them()
    {
        var measured = ForecastInterval.Measure([new(1, 0, 1, 3, 1), new(3, 0, 1, 3, 1), new(0.5f, 0, 1, 3, 1), new(2, 0, 0, 6, 1)])!;
        Assert.Equal(0.75, measured.Coverage, 1e-12);
        Assert.Equal(3, measured.Width, 1e-12);
        Assert.Null(ForecastInterval.Measure([new(1, 0, 1, 3, 1), new(1, 0, double.NaN, double.NaN, 1)]));
    }

    /// <summary>The values rise by the square of their place, so that the naive forecast's errors are known.</summary>
    [Fact]
    public void Bounds_are_as_far_as_the_given_share_of_the_last_fifth_was_off()
    {
        double[] values = [.. Enumerable.Range(0, 100).Select(t => (double)t * t)];
        var widths = ForecastInterval.HalfWidths(new NaiveForecast(), values, values, 2, 0.9);
        // 19 origins, 80 to 98: the 18th smallest of the errors (o + h - 1)² - (o - 1)².
        Assert.Equal(97 * 97 - 96 * 96, widths[0]);
        Assert.Equal(98 * 98 - 96 * 96, widths[1]);
        Assert.All(ForecastInterval.HalfWidths(new NaiveForecast(), values, values, 2, 0.99), width => Assert.Equal(double.NaN, width));
        Assert.All(ForecastInterval.HalfWidths(new NaiveForecast(), values.AsSpan(0, 3), values.AsSpan(0, 3), 5, 0.5), width => Assert.Equal(double.NaN, width));
    }

    [Fact]
    public void The_bounds_of_a_series_that_goes_on_as_it_was_hold_the_stated_share()
    {
        var random = new Random(5);
        double[] values = [.. Enumerable.Range(0, 4_000).Select(t => t % 7 + random.NextDouble())];
        var widths = ForecastInterval.HalfWidths(new SeasonalNaiveForecast(7), values.AsSpan(0, 2_000), values.AsSpan(0, 2_000), 3, 0.8);
        var held = from origin in Enumerable.Range(2_000, 1_990)
                   from step in Enumerable.Range(0, 3)
                   let forecast = new SeasonalNaiveForecast(7).Forecast(values.AsSpan(0, origin), 3)[step]
                   select Math.Abs(values[origin + step] - forecast) <= widths[step] ? 1.0 : 0;
        Assert.InRange(held.Average(), 0.76, 0.84);
    }
}
