using Microsoft.ML;
using Sconce.Trainers.Forecasts;

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

    /// <summary>
    /// The bounds are those of another network, which has not seen the newest windows: they fit the one that is kept where both have learned what there is
    /// to learn. Of four series some 1,200 windows tell the bounds and 2,000 values are held against them: one standard deviation of the share is 0.015 at a level of 0.8.
    /// </summary>
    [Fact]
    public void A_network_that_is_trained_again_keeps_within_them_too()
    {
        string[] names = ["a", "b", "c", "d"];
        var rows = names.Index().Select(series => DailySeries.Create(1_500, series.Index + 1, series.Item)).ToList();
        var options = DailySeries.Quick with { SeriesColumnName = "Series", Retrain = true, CalibrationFraction = 0.3, NumberOfEpochs = 6, LearningRate = 1e-2 };
        using var model = DailySeries.Train(_ml, options, rows.SelectMany(series => series.Take(1_000)));
        foreach (var level in (double[])[0.8, 0.95])
        {
            var coverage = ForecastBacktest.Coverage(ForecastBacktest.Run(model, _ml.Data.LoadFromEnumerable(rows.SelectMany(series => series)), heldOut: 500, horizon: 7, step: 3, level));
            Assert.InRange(coverage, level - 0.03, level + 0.03);
        }
    }

    [Theory]
    [InlineData(0.5, 1)]
    [InlineData(0.9, 9)]
    [InlineData(0.95, 19)]
    [InlineData(0.975, 39)]
    [InlineData(0.99, 99)]
    public void A_level_needs_as_many_windows_as_leave_one_beyond(double level, int least)
    {
        Assert.Equal(least, ForecastIntervals.LeastWindows(level));
        Assert.Equal(least, Width(least));
        if (least > 1)
            Assert.Equal(float.NaN, Width(least - 1));

        float Width(int windows) => new ForecastIntervals([[.. Enumerable.Range(1, windows).Select(error => (float)error)]]).HalfWidths(level, 1)[0];
    }

    [Fact]
    public void Bounds_that_too_few_windows_tell_are_refused_as_columns_and_NaN_from_an_engine()
    {
        var options = DailySeries.Quick with { ConfidenceLevel = 0.95, NumberOfSteps = 1 };
        // 40 windows, of which 8 calibrate.
        var rows = DailySeries.Create(60);
        Sentence.Has(Assert.Throws<InvalidDataException>(() => DailySeries.Train(_ml, options, rows)), "'Lower'", "ConfidenceLevel = 0.95", "at least 19 windows", "CalibrationFraction = 0.2 of 40 windows is 8", "Choose a larger fraction");
        using var model = DailySeries.Train(_ml, options with { ConfidenceLowerBoundColumn = null, ConfidenceUpperBoundColumn = null }, rows);
        var engine = model.CreateForecastEngine(_ml);
        Assert.All(engine.Predict().Lower.Concat(engine.Predict(10).Upper), bound => Assert.Equal(double.NaN, bound));
        Assert.All(engine.Predict(confidenceLevel: 0.88).Lower, bound => Assert.True(double.IsFinite(bound)));
    }

    [Fact]
    public void A_width_is_the_smallest_error_that_enough_windows_do_not_exceed()
    {
        var intervals = new ForecastIntervals([[1, 2, 3, 4, 5, 6, 7, 8, 9], [10, 20, 30, 40, 50, 60, 70, 80, 90]]);
        Assert.Equal([5, 50], intervals.HalfWidths(0.5, 2));
        Assert.Equal([8, 80], intervals.HalfWidths(0.8, 2));
        Assert.Equal([9, 90], intervals.HalfWidths(0.9, 2));
        // More than nine windows can tell.
        Assert.Equal([float.NaN, float.NaN, float.NaN], intervals.HalfWidths(0.91, 3));
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
        var options = DailySeries.Quick with { CalibrationFraction = 0, ConfidenceLowerBoundColumn = null, ConfidenceUpperBoundColumn = null };
        using var model = DailySeries.Train(_ml, options, DailySeries.Create(DailySeries.Window + DailySeries.Horizon));
        using var loaded = (ForecastTransformer)_ml.Model.Load(new MemoryStream(ModelZip.Save(_ml, model)), out _);
        var forecast = loaded.CreateForecastEngine(_ml).Predict();
        Assert.All(forecast.Values, value => Assert.True(double.IsFinite(value)));
        Assert.All(forecast.Lower.Concat(forecast.Upper), bound => Assert.True(double.IsNaN(bound)));
    }
}
