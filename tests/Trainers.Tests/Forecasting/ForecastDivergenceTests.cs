using Microsoft.ML;

namespace Sconce.Trainers.Tests.Forecasting;

/// <summary>A training whose numbers run away: which of the two it was, and what is left of it.</summary>
public sealed class ForecastDivergenceTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryFolder _folder = new();
    private readonly List<DailySeries.Row> _rows = DailySeries.Create(200);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_first_training_says_that_it_was_the_first()
    {
        var refused = Refuse(DailySeries.Quick with { Retrain = true, LearningRate = 1e30 });
        Sentence.Has(refused, "the training diverged", "the first of two trainings", "calibrates the bounds");
        Assert.Null(refused.LastGood);
        Assert.DoesNotContain("trainings", Refuse(DailySeries.Quick with { LearningRate = 1e30 }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_good_of_the_second_training_has_the_bounds_of_the_first()
    {
        // 12 steps a pass: good after the first two, whatever the first training's steps were.
        var refused = Refuse(Quick(retrain: true) with { Callbacks = [new RunAway(after: 24)] });
        Sentence.Has(refused, "the training diverged", "the second of two trainings");
        Assert.InRange(refused.Step, 25, 27);
        using var kept = Assert.IsType<ForecastTransformer>(refused.LastGood);
        Assert.InRange(kept.Model.Training.Steps, 12, 24);
        using var once = DailySeries.Train(_ml, Quick(retrain: false), _rows);
        Assert.Equal(once.Forecaster.Intervals.Errors, kept.Forecaster.Intervals.Errors);
        AssertForecasts(kept);
    }

    [Fact]
    public void What_was_good_of_the_only_training_has_no_bounds()
    {
        var refused = Refuse(Quick(retrain: false) with { Callbacks = [new RunAway(after: 20)] });
        using var kept = Assert.IsType<ForecastTransformer>(refused.LastGood);
        Assert.Equal(0, kept.Forecaster.Intervals.Windows);
        AssertForecasts(kept);
    }

    private static RecurrentForecast.Options Quick(bool retrain) => DailySeries.Quick with { Retrain = retrain, NumberOfEpochs = 6, LearningRate = 1e-3 };

    private TrainingDivergedException Refuse(RecurrentForecast.Options options) => Assert.Throws<TrainingDivergedException>(() => DailySeries.Train(_ml, options, _rows));

    /// <summary>It is saved, loaded and goes on like any other.</summary>
    private void AssertForecasts(ForecastTransformer kept)
    {
        var path = _folder.PathOf("kept.zip");
        _ml.Model.SaveAtomically(kept, _ml.Data.LoadFromEnumerable(_rows).Schema, path);
        using var loaded = (ForecastTransformer)_ml.Model.LoadVerified(path, out _);
        var forecast = loaded.CreateForecastEngine(_ml).Predict();
        Assert.All(forecast.Values, value => Assert.True(double.IsFinite(value)));
        Assert.Equal(kept.CreateForecastEngine(_ml).Predict().Values, forecast.Values);
        Assert.Equal(DateTime.Parse(_rows[^1].Date).AddDays(1), forecast.Dates![0]);
    }

    private sealed class RunAway(int after) : TrainingCallback
    {
        public override void StepEnded(TrainingProgress progress, TrainingSession session)
        {
            if (session.Step == after)
                session.LearningRateFactor = 1e30;
        }
    }
}
