using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Pipelines.Tests.Forecasting;

public class ForecastErrorsTests
{
    [Fact]
    public void The_four_measures_are_what_their_names_say()
    {
        var errors = ForecastErrors.Measure([(10, 12, 2), (20, 16, 2), (0, 0, 2), (-5, -5, 4)]);
        Assert.Equal(6 / 4.0, errors.MeanAbsolute, 1e-12);
        Assert.Equal(Math.Sqrt(20 / 4.0), errors.RootMeanSquared, 1e-12);
        Assert.Equal(100 * (2 / 11.0 + 4 / 18.0) / 4, errors.SymmetricPercentage, 1e-12);
        Assert.Equal((1 + 2) / 4.0, errors.Scaled, 1e-12);
        Assert.ThrowsAny<ArgumentException>(() => ForecastErrors.Measure([]));
    }

    [Fact]
    public void A_value_of_another_sign_is_off_by_200_percent() => Assert.Equal(200, ForecastErrors.Measure([(3, -1, 1)]).SymmetricPercentage, 1e-12);

    [Fact]
    public void The_scale_is_the_seasonal_naive_error_within_the_training_part()
    {
        Assert.Equal((3 + 1 + 1) / 3.0, ForecastErrors.Scale([1, 2, 4, 3, 5], 2), 1e-12);
        Assert.Equal(1, ForecastErrors.Scale([1, 2, 3], 1), 1e-12);
        Assert.Equal(double.NaN, ForecastErrors.Scale([1, 2], 2));
        Assert.Equal(double.NaN, ForecastErrors.Measure([(1, 2, ForecastErrors.Scale([5, 5, 5], 1))]).Scaled);
    }

    /// <summary>The figure that is published for this series, horizon and season.</summary>
    [Fact]
    public void Weekly_seasonal_naive_on_births_has_a_MASE_of_one_point_one_six()
    {
        double[] births = [.. new MLContext().Data.LoadBirths().GetColumn<double>("Value")];
        var training = births.Length - 365;
        var scale = ForecastErrors.Scale(births.AsSpan(0, training), 7);
        var points = from origin in Enumerable.Range(0, 49).Select(week => training + 7 * week)
                     from point in births.Skip(origin).Take(28).Zip(new SeasonalNaiveForecast(7).Forecast(births.AsSpan(0, origin), 28))
                     select (point.First, point.Second, scale);
        Assert.Equal(1.160, ForecastErrors.Measure(points).Scaled, 0.0005);
    }
}
