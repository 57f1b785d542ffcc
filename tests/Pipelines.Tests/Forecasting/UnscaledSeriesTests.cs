namespace Sconce.Pipelines.Tests.Forecasting;

/// <summary>Series by which nothing can be scaled, and values that were not given.</summary>
public class UnscaledSeriesTests
{
    [Fact]
    public void A_series_that_is_never_off_is_told_with_the_reason()
    {
        Assert.Null(UnscaledSeries.Of("a", [1, 2, 3, 5], 1));
        Assert.Equal("is constant", UnscaledSeries.Of("a", [double.NaN, 5, 5, 5, double.NaN], 1)!.Reason);
        Assert.Equal(("a", "repeats itself exactly every 2 steps"), Parts(UnscaledSeries.Of("a", [1, 2, 1, 2, 1], 2)!));
        Assert.Equal("has no two values that are 7 steps apart", UnscaledSeries.Of("a", [1, 2, 3], 7)!.Reason);

        static (string, string) Parts(UnscaledSeries series) => (series.Name, series.Reason);
    }

    [Fact]
    public void One_constant_series_leaves_the_scaled_error_of_the_others()
    {
        var errors = ForecastErrors.Measure([(10, 12, 2), (20, 16, 2), (5, 6, 0), (5, 7, double.NaN)]);
        Assert.Equal(1.5, errors.Scaled, 1e-12);
        Assert.Equal(9 / 4.0, errors.MeanAbsolute, 1e-12);
    }

    [Fact]
    public void Values_that_were_not_given_are_not_measured()
    {
        Assert.Equal(ForecastErrors.Measure([(10, 12, 2)]), ForecastErrors.Measure([(10, 12, 2), (double.NaN, 100, 2)]));
        Assert.ThrowsAny<ArgumentException>(() => ForecastErrors.Measure([(double.NaN, 100, 2)]));
        Assert.Equal(2, ForecastErrors.Scale([1, double.NaN, 3, 5], 1), 1e-12);
        Assert.Equal(1, ForecastInterval.Measure([new(1, 0, 0, 2, 1), new(double.NaN, 9, 9, 9, 1)])!.Coverage);
        double[] values = [.. Enumerable.Range(0, 100).Select(t => (double)t * t)];
        double[] given = [.. values];
        given[99] = double.NaN;
        // Of one step ahead the 19th origin, 98, has no truth; of two, the 18th and the 19th would need 98 and 99.
        var widths = ForecastInterval.HalfWidths(new NaiveForecast(), values, given, 1, 0.94);
        Assert.Equal(98 * 98 - 97 * 97, widths[0]);
    }
}
