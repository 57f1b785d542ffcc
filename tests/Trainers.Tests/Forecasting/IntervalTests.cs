using Microsoft.ML;

namespace Sconce.Trainers.Tests.Forecasting;

/// <summary>Bounds: what they are made of, and that they hold what they say.</summary>
public class IntervalTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Theory]
    [InlineData(0.8)]
    [InlineData(0.95)]
    public void As_many_later_values_lie_within_the_bounds_as_is_said(double level)
    {
        var rows = DailySeries.Create(1_500);
        using var model = DailySeries.Train(_ml, DailySeries.Quick with { ConfidenceLevel = level }, rows.Take(1_000));
        var coverage = ForecastBacktest.Coverage(ForecastBacktest.Run(model, _ml.Data.LoadFromEnumerable(rows), heldOut: 500, horizon: 7, step: 1));
        Assert.InRange(coverage, level - 0.03, level + 0.03);
    }

    [Fact]
    public void A_width_is_the_smallest_error_that_enough_windows_do_not_exceed()
    {
        var intervals = new ForecastIntervals([[1, 2, 3, 4, 5, 6, 7, 8, 9], [10, 20, 30, 40, 50, 60, 70, 80, 90]]);
        Assert.Equal([5, 50], intervals.HalfWidths(0.5, 2));
        Assert.Equal([8, 80], intervals.HalfWidths(0.8, 2));
        // More than nine windows can tell: the largest.
        Assert.Equal([9, 90], intervals.HalfWidths(0.99, 2));
        Assert.Equal([1, 10], intervals.HalfWidths(0.01, 2));
        var beyond = intervals.HalfWidths(0.5, 5);
        Assert.Equal([5, 50, MathF.Sqrt(2_525), MathF.Sqrt(5_000), MathF.Sqrt(5_025)], beyond);
    }

    [Fact]
    public void Bounds_are_around_the_forecast_and_wider_the_surer_they_are()
    {
        using var model = DailySeries.Train(_ml, DailySeries.Quick, DailySeries.Create(200));
        var engine = model.CreateForecastEngine(_ml);
        var (usual, narrow) = (engine.Predict(), engine.Predict(confidenceLevel: 0.5));
        Assert.Equal(usual.Values, narrow.Values);
        for (var step = 0; step < usual.Values.Length; step++)
        {
            Assert.True(usual.Lower[step] < narrow.Lower[step] && narrow.Lower[step] < usual.Values[step], $"step {step}: {usual.Lower[step]}, {narrow.Lower[step]}, {usual.Values[step]}");
            Assert.Equal(usual.Values[step] - usual.Lower[step], usual.Upper[step] - usual.Values[step], 1e-2f);
        }
    }

    [Fact]
    public void Without_held_out_windows_there_are_no_bounds()
    {
        var options = DailySeries.Quick with { CalibrationShare = 0, ConfidenceLowerBoundColumn = null, ConfidenceUpperBoundColumn = null };
        using var model = DailySeries.Train(_ml, options, DailySeries.Create(DailySeries.Window + DailySeries.Horizon));
        using var loaded = (ForecastTransformer)_ml.Model.Load(new MemoryStream(ModelZip.Save(_ml, model)), out _);
        var forecast = loaded.CreateForecastEngine(_ml).Predict();
        Assert.All(forecast.Values, value => Assert.True(float.IsFinite(value)));
        Assert.All(forecast.Lower.Concat(forecast.Upper), bound => Assert.True(float.IsNaN(bound)));
    }
}
