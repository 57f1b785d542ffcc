using System.Text.Json.Nodes;
using Microsoft.ML;

namespace Sconce.Trainers.Tests.Training;

/// <summary>When a training stops that no longer improves, and which weights it leaves: by scripted measures, and by the measured losses against the rule written out again.</summary>
public class EarlyStoppingTests
{
    private static readonly Points _points = new(rows: 60, features: 4, classes: 3, seed: 1);

    /// <summary>Every fourth of the same points has another class here, so that whoever is too sure of them loses.</summary>
    private static readonly GeneratedView<float> _doubtful = new(60, [4], 3, (row, values) => _points.Features[row].CopyTo(values), row => (uint)((_points.Labels[row] + (row % 4 == 0 ? 1 : 0)) % 3) + 1);

    private static readonly SoftmaxRegression.Options _options = new() { BatchSize = 10, NumberOfSteps = 20, ValidationSet = _doubtful, ValidationInterval = 1, LearningRate = 10 };

    private readonly MLContext _ml = new(seed: 1);

    [Theory]
    [InlineData(3, 0, true, new[] { 1.0, 2, 3, 2.5, 2.9, 3, 9 }, 6, 3)]
    [InlineData(2, 0, false, new[] { 5.0, 4, 4, 4, 1 }, 4, 2)]
    [InlineData(2, 0.1, true, new[] { 1.0, 1.05, 1.09, 9 }, 3, 1)]
    [InlineData(2, 0.1, true, new[] { 1.0, 1.05, 1.2, 1.25, 1.25, 9 }, 5, 3)]
    [InlineData(1, 0, true, new[] { 1.0, double.NaN, 9 }, 2, 1)]
    [InlineData(2, 0, false, new[] { double.NaN, 3, double.NegativeInfinity, 4, 1 }, 4, 2)]
    public void A_training_stops_when_patience_is_over_and_gives_the_best_weights(int patience, double minimum, bool isHigherBetter, double[] measured, int stop, int best)
    {
        var left = new Queue<double>(measured);
        using var model = Train(new() { Patience = patience, MinimumImprovement = minimum, Measure = ValidationMeasure.Of("the test's number", _ => left.Dequeue(), isHigherBetter) });
        Assert.Equal((stop, (int?)best), (model.Model.Training.Steps, model.Model.Training.BestStep));
        Assert.Contains("the test's number has not improved", model.Model.Training.StopReason, StringComparison.Ordinal);
        Assert.Contains($"was after step {best}", model.Model.Training.StopReason, StringComparison.Ordinal);
        Assert.Equal(WeightsAfter(best), ModelZip.SavedWeights(_ml, model));
    }

    [Fact]
    public void Equal_measures_are_equal_values()
    {
        Func<IDataView, double> evaluate = _ => 0, other = _ => 1;
        var measure = ValidationMeasure.Of("mine", evaluate, isHigherBetter: true);
        Assert.Equal(measure, ValidationMeasure.Of("mine", evaluate, isHigherBetter: true));
        Assert.Equal(new EarlyStopping { Measure = measure }, new EarlyStopping { Measure = ValidationMeasure.Of("mine", evaluate, isHigherBetter: true) });
        Assert.All(
            [ValidationMeasure.Of("yours", evaluate, isHigherBetter: true), ValidationMeasure.Of("mine", other, isHigherBetter: true),
                ValidationMeasure.Of("mine", evaluate, isHigherBetter: false), ValidationMeasure.Loss, ValidationMeasure.Metric],
            different => Assert.NotEqual(measure, different));
        Assert.NotEqual(ValidationMeasure.Loss, ValidationMeasure.Metric);
        Assert.Equal(["mine", "loss", "metric"], ((ValidationMeasure[])[measure, ValidationMeasure.Loss, ValidationMeasure.Metric]).Select(each => $"{each}"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_measured_losses_and_metrics_stop_it_likewise(bool byMetric)
    {
        using var whole = _ml.SoftmaxRegression(_options).Fit(_points.View);
        // The accuracy is the better the higher it is.
        double[] values = [.. whole.Model.Training.Validation.Select(summary => byMetric ? -summary.Metric!.Value : summary.Loss)];
        var (best, stop) = (0, 0);
        while (stop < values.Length - 1 && stop - best < 3)
        {
            stop++;
            if (values[stop] < values[best])
                best = stop;
        }

        using var model = Train(new() { Patience = 3, Measure = byMetric ? ValidationMeasure.Metric : ValidationMeasure.Loss });
        Assert.Equal((stop + 1, (int?)best + 1), (model.Model.Training.Steps, model.Model.Training.BestStep));
        Assert.InRange(model.Model.Training.Steps, 2, 19);
        Assert.Contains(byMetric ? "accuracy" : "loss", model.Model.Training.StopReason, StringComparison.Ordinal);
        Assert.Equal(WeightsAfter(best + 1), ModelZip.SavedWeights(_ml, model));
    }

    [Fact]
    public void The_measure_sees_the_scored_validation_rows()
    {
        var accuracies = new List<double>();
        using var model = Train(new() { Patience = 20, Measure = ValidationMeasure.Of("accuracy", Evaluate, isHigherBetter: true) });
        Assert.Equal(model.Model.Training.Validation.Select(summary => summary.Metric!.Value), accuracies, (a, b) => Math.Abs(a - b) < 1e-6);

        double Evaluate(IDataView scored)
        {
            accuracies.Add(_ml.MulticlassClassification.Evaluate(scored).MicroAccuracy);
            return accuracies[^1];
        }
    }

    [Fact]
    public void The_best_weights_come_back_without_a_stop_too_and_stay_away_if_they_are_not_wanted()
    {
        using var ended = Train(new() { Patience = 100, Measure = Falling() });
        Assert.Equal((20, (int?)1, null), (ended.Model.Training.Steps, ended.Model.Training.BestStep, ended.Model.Training.StopReason));
        Assert.Equal(WeightsAfter(1), ModelZip.SavedWeights(_ml, ended));

        using var last = Train(new() { Patience = 4, Measure = Falling(), RestoreBestWeights = false });
        Assert.Equal((5, (int?)null), (last.Model.Training.Steps, last.Model.Training.BestStep));
        Assert.Equal(WeightsAfter(5), ModelZip.SavedWeights(_ml, last));

        static ValidationMeasure Falling()
        {
            var value = 0;
            return ValidationMeasure.Of("nothing", _ => value--, isHigherBetter: true);
        }
    }

    [Fact]
    public void A_trainer_that_is_fitted_twice_begins_anew()
    {
        var trainer = _ml.SoftmaxRegression(_options with { EarlyStopping = new() { Patience = 3 } });
        using var first = trainer.Fit(_points.View);
        using var second = trainer.Fit(_points.View);
        Assert.Equal(first.Model.Training.Steps, second.Model.Training.Steps);
        Assert.Equal(ModelZip.SavedWeights(_ml, first), ModelZip.SavedWeights(_ml, second));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void It_goes_on_from_what_it_has_saved(int step)
    {
        var stopping = new EarlyStopping { Patience = 3 };
        using var whole = Train(stopping);
        using var resumed = _ml.SoftmaxRegression(_options with { Callbacks = [new Reborn(() => new EarlyStopper(stopping), step)] }).Fit(_points.View);
        Assert.Equal(whole.Model.Training.StopReason, resumed.Model.Training.StopReason);
        Assert.Equal(whole.Model.Training.BestStep, resumed.Model.Training.BestStep);
        Assert.Equal(ModelZip.SavedWeights(_ml, whole), ModelZip.SavedWeights(_ml, resumed));
    }

    private TorchTransformer Train(EarlyStopping stopping) => _ml.SoftmaxRegression(_options with { EarlyStopping = stopping }).Fit(_points.View);

    private byte[] WeightsAfter(int steps)
    {
        using var model = _ml.SoftmaxRegression(_options with { NumberOfSteps = steps, ValidationSet = null }).Fit(_points.View);
        return ModelZip.SavedWeights(_ml, model);
    }
}

/// <summary>A callback in whose place another one goes on after some steps, with what the first has saved as text.</summary>
internal sealed class Reborn(Func<TrainingCallback> create, int step) : TrainingCallback
{
    private TrainingCallback _current = create();

    public override void TrainingBegan(TrainingSession session) => _current.TrainingBegan(session);

    public override void Validated(ValidationSummary summary, TrainingSession session) => _current.Validated(summary, session);

    public override void StepEnded(TrainingProgress progress, TrainingSession session)
    {
        _current.StepEnded(progress, session);
        if (progress.Step != step)
            return;
        var saved = _current.SaveState()!.ToJsonString();
        _current = create();
        _current.TrainingBegan(session);
        _current.RestoreState(JsonNode.Parse(saved)!);
        Assert.Equal(saved, _current.SaveState()!.ToJsonString());
    }

    public override void EpochEnded(EpochSummary summary, TrainingSession session) => _current.EpochEnded(summary, session);

    public override void TrainingEnded(TrainingSession session) => _current.TrainingEnded(session);
}
