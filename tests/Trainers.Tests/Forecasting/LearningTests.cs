using Microsoft.ML;
using Sconce.Trainers.Forecasts;

namespace Sconce.Trainers.Tests.Forecasting;

/// <summary>What is learned, and what is not looked at.</summary>
public class LearningTests
{
    private readonly MLContext _ml = new(seed: 1);

    /// <summary>The plan cannot be seen in the past: a forecast that is much better than last week's values has used it.</summary>
    [Theory]
    [InlineData(ForecastMode.EncoderDecoder, false)]
    [InlineData(ForecastMode.EncoderDecoder, true)]
    [InlineData(ForecastMode.Direct, false)]
    [InlineData(ForecastMode.Recursive, false)]
    public void What_is_known_in_advance_is_used_in_every_mode(ForecastMode mode, bool attention)
    {
        var rows = DailySeries.Create(500);
        var options = DailySeries.Quick with
        {
            FutureCovariates = ["Planned"],
            PastCovariates = ["Observed"],
            NumberOfEpochs = 25,
            LearningRate = 1e-2,
            Network = DailySeries.Quick.Network with { Mode = mode, Attention = attention, Layers = new() { Cell = RecurrentCell.Gru, HiddenSize = 16, Bidirectional = attention } },
        };
        using var model = DailySeries.Train(_ml, options, rows.SkipLast(100));
        var origins = ForecastBacktest.Run(model, _ml.Data.LoadFromEnumerable(rows), heldOut: 100, horizon: 7, step: 7);
        Assert.Equal(14, origins.Count);
        var error = origins.Average(origin => origin.Actual.Zip(origin.Forecast.Values, (actual, forecast) => Math.Abs(actual - forecast)).Average());
        var naive = origins.Average(origin => origin.Actual.Select((actual, step) => Math.Abs(actual - rows[origin.Origin + step - 7].Value)).Average());
        Assert.True(error < 0.5 * naive, $"the mean absolute error is {error}, that of last week's values {naive}");
    }

    /// <summary>Neither the weights nor the scales see what calibrates.</summary>
    [Fact]
    public void Held_out_windows_change_the_bounds_alone()
    {
        var rows = DailySeries.Create(200);
        var other = DailySeries.Create(200);
        // 180 windows, of which the last 36 calibrate: their values are the last 42.
        foreach (var row in other.TakeLast(42))
            row.Value *= 3;
        using var model = DailySeries.Train(_ml, DailySeries.Quick, rows);
        using var changed = DailySeries.Train(_ml, DailySeries.Quick, other);
        Assert.Equal(ModelZip.SavedWeights(_ml, model), ModelZip.SavedWeights(_ml, changed));
        var data = _ml.Data.LoadFromEnumerable(rows);
        Assert.Equal(DailySeries.Column(model.Transform(data)), DailySeries.Column(changed.Transform(data)));
        Assert.NotEqual(DailySeries.Column(model.Transform(data), "Upper"), DailySeries.Column(changed.Transform(data), "Upper"));

        other[^43].Value *= 3;
        using var learned = DailySeries.Train(_ml, DailySeries.Quick, other);
        Assert.NotEqual(ModelZip.SavedWeights(_ml, model), ModelZip.SavedWeights(_ml, learned));
    }

    /// <summary>The second training is that of a model without bounds, and the bounds are those of the first.</summary>
    [Fact]
    public void A_network_that_is_trained_again_has_learned_from_all_windows()
    {
        var rows = DailySeries.Create(200);
        var steps = new List<TrainingProgress>();
        var callbacks = 0;
        var options = DailySeries.Quick with { Retrain = true, Progress = new Immediate<TrainingProgress>(steps.Add), Callbacks = [new Counter(() => callbacks++)] };
        using var again = DailySeries.Train(_ml, options, rows);
        using var once = DailySeries.Train(_ml, DailySeries.Quick, rows);
        Assert.Equal(180, again.Model.Training.Rows);
        Assert.Equal(180 - 36 - 6, once.Model.Training.Rows);
        Assert.Equal(once.Forecaster.Intervals.Errors, again.Forecaster.Intervals.Errors);
        Assert.Equal(once.Forecaster.Definition.Series, again.Forecaster.Definition.Series);
        Assert.NotEqual(ModelZip.SavedWeights(_ml, once), ModelZip.SavedWeights(_ml, again));

        Assert.Equal(Enumerable.Range(1, once.Model.Training.Steps + again.Model.Training.Steps), steps.Select(step => step.Step));
        Assert.All(steps, step => Assert.Equal((steps.Count, 4), (step.TotalSteps, step.TotalEpochs)));
        Assert.Equal((1, 4), (steps[0].Epoch, steps[^1].Epoch));
        Assert.Equal(again.Model.Training.Steps, callbacks);
    }

    [Fact]
    public void What_remains_of_two_trainings_is_never_forgotten_at_the_end_of_the_first()
    {
        var told = new List<TrainingProgress>();
        var stage = new TrainingStage(new Immediate<TrainingProgress>(told.Add), (0, 0), (10, 2));
        foreach (var step in Enumerable.Range(1, 4))
            stage.Report(new TrainingProgress(step, 4, 1, 1, 0, 0, null, null, 1, TimeSpan.FromSeconds(3 * (4 - step))));
        Assert.Equal([39, 36, 33, 30], told.Select(progress => progress.Remaining.TotalSeconds));
    }

    [Fact]
    public void A_forecast_does_not_see_later_values()
    {
        var rows = DailySeries.Create(200);
        var later = DailySeries.Create(200);
        foreach (var row in later.Skip(150))
            (row.Value, row.Observed) = (7, 7);
        using var model = DailySeries.Train(_ml, DailySeries.Quick with { PastCovariates = ["Observed"] }, rows);
        var before = DailySeries.Column(model.Transform(_ml.Data.LoadFromEnumerable(rows)));
        var after = DailySeries.Column(model.Transform(_ml.Data.LoadFromEnumerable(later)));
        Assert.Equal(before[..150], after[..150]);
        Assert.NotEqual(before[150], after[150]);
    }

    [Fact]
    public void Series_of_different_sizes_are_learned_in_one_model_however_their_rows_are_mixed()
    {
        var small = DailySeries.Create(120, seed: 1, "small");
        var large = DailySeries.Create(150, seed: 2, "large", scale: 1000);
        var options = DailySeries.Quick with { SeriesColumnName = "Series" };
        using var apart = DailySeries.Train(_ml, options, small.Concat(large));
        using var mixed = DailySeries.Train(_ml, options, small.Zip(large, (a, b) => new[] { a, b }).SelectMany(pair => pair).Concat(large.Skip(120)));
        Assert.Equal(["small", "large"], mixed.Series);
        Assert.Equal(ModelZip.SavedWeights(_ml, apart), ModelZip.SavedWeights(_ml, mixed));
        var engine = mixed.CreateForecastEngine(_ml);
        Assert.InRange(engine.Predict(series: "small").Values.Average(), 60, 200);
        Assert.InRange(engine.Predict(series: "large").Values.Average(), 60_000, 200_000);
        Assert.Equal(new DateTime(2001, 1, 1).AddDays(120), engine.Predict(series: "small").Dates![0]);
    }

    [Fact]
    public void A_validation_set_continues_the_series()
    {
        var rows = DailySeries.Create(200);
        using var model = DailySeries.Train(_ml, DailySeries.Quick with { ValidationSet = _ml.Data.LoadFromEnumerable(rows.Skip(150)) }, rows.Take(150));
        var origins = ForecastBacktest.Run(model, _ml.Data.LoadFromEnumerable(rows), heldOut: 50, horizon: 7, step: 1);
        var error = origins.Average(origin => origin.Actual.Zip(origin.Forecast.Values, (actual, forecast) => Math.Abs(actual - forecast)).Average());
        // The network measures scaled values: 26 of the 130 windows calibrate, and scales are those of the 118 values before.
        var learned = rows.Take(118).Select(row => (double)row.Value).ToList();
        var mean = learned.Average();
        Assert.Equal(error / Math.Sqrt(learned.Average(value => (value - mean) * (value - mean))), model.Model.Training.Validation[^1].Loss, 2e-2);
    }

    private sealed class Counter(Action stepEnded) : TrainingCallback
    {
        public override void StepEnded(TrainingProgress progress, TrainingSession session) => stepEnded();
    }
}
