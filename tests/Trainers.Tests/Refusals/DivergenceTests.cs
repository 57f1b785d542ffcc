using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Refusals;

/// <summary>A training whose numbers run away is told of, with the step and what mends it, and gives no model.</summary>
public class DivergenceTests
{
    private static readonly Points _points = new(rows: 40, features: 4, classes: 3, seed: 2);

    [Theory]
    [InlineData(1e20)]
    [InlineData(1e300)] // beyond single precision
    public void The_step_and_the_rate_are_named(double rate)
    {
        var last = 0;
        var options = new SoftmaxRegression.Options
        {
            LearningRate = rate,
            BatchSize = 8,
            NumberOfSteps = 200,
            Optimizer = new Sgd { WeightDecay = 1 },
            Progress = new Immediate<TrainingProgress>(progress => last = progress.Step),
        };
        var refused = Assert.Throws<TrainingDivergedException>(() => new MLContext(seed: 1).SoftmaxRegression(options).Fit(_points.View));
        Assert.InRange(last, 1, 199);
        Assert.Equal(last + 1, refused.Step);
        Assert.Null(refused.LastGood);
        Sentence.Has(refused, $"at step {last + 1}:", "the training diverged", "Try a LearningRate smaller than", rate == 1e20 ? "1E+20" : "1E+300");
    }

    [Fact]
    public void A_smaller_rate_does_mend_it()
    {
        var options = new SoftmaxRegression.Options { LearningRate = 0.1, NumberOfSteps = 50, Optimizer = new Sgd { WeightDecay = 1 } };
        using var model = new MLContext(seed: 1).SoftmaxRegression(options).Fit(_points.View);
        Assert.All(model.Transform(_points.View).GetColumn<float[]>("Score"), scores => Assert.Equal(1, scores.Sum(), 1e-6f));
    }

    [Fact]
    public void What_runs_away_in_the_very_last_step_is_noticed_too()
    {
        // Its loss was measured before the step: that all losses were finite says nothing of the weights it left.
        var options = new SoftmaxRegression.Options { LearningRate = 1e300, NumberOfSteps = 1 };
        Sentence.Has(
            Assert.Throws<TrainingDivergedException>(() => new MLContext(seed: 1).SoftmaxRegression(options).Fit(_points.View)),
            "the training diverged", "Try a LearningRate smaller than 1E+300");
    }

    [Fact]
    public void The_model_as_it_was_before_is_kept()
    {
        // Poisoned from the third pass on, whose first batch already shows it: what follows the first pass was the last to be good.
        var refused = Assert.Throws<TrainingDivergedException>(() => new MLContext(seed: 1).SoftmaxRegression(Options(8)).Fit(_points.Poisoned(goodEpochs: 2)));
        using var kept = Assert.IsType<TorchTransformer>(refused.LastGood);
        Assert.InRange(refused.Step, 11, 15);
        Assert.Equal((5, 1), (kept.Model.Training.Steps, kept.Model.Training.History.Count));
        Assert.Equal(_points.Rows, kept.Model.Training.Rows);

        using var expected = new MLContext(seed: 1).SoftmaxRegression(Options(8) with { NumberOfSteps = 5 }).Fit(_points.View);
        foreach (var ((name, found), (_, value)) in kept.Model.Weights.Zip(expected.Model.Weights))
            Assert.True(found.bytes.SequenceEqual(value.bytes), name);
        Assert.Equal(expected.Transform(_points.View).GetColumn<float[]>("Score"), kept.Transform(_points.View).GetColumn<float[]>("Score"));
    }

    [Fact]
    public void A_long_pass_is_looked_at_every_100_steps()
    {
        var points = new Points(rows: 5_200, features: 4, classes: 3, seed: 2);
        var refused = Assert.Throws<TrainingDivergedException>(() => new MLContext(seed: 1).SoftmaxRegression(Options(20)).Fit(points.Poisoned(goodEpochs: 1)));
        using var kept = Assert.IsType<TorchTransformer>(refused.LastGood);
        // A few steps later than 200 where its batch alone was worse than the first one.
        Assert.InRange(kept.Model.Training.Steps, 200, 259);
        Assert.Empty(kept.Model.Training.History);
    }

    [Fact]
    public void A_kept_model_is_saved_and_loaded_like_any_other()
    {
        using var folder = new TemporaryFolder();
        var ml = new MLContext(seed: 1);
        using var kept = Assert.IsType<TorchTransformer>(Assert.Throws<TrainingDivergedException>(() => ml.SoftmaxRegression(Options(8)).Fit(_points.Poisoned(goodEpochs: 2))).LastGood);
        var path = folder.PathOf("kept.zip");
        ml.Model.SaveAtomically(kept, _points.View.Schema, path);
        using var loaded = (IDisposable)ml.Model.LoadVerified(path, out _);
        Assert.Equal(kept.Transform(_points.View).GetColumn<float[]>("Score"), ((ITransformer)loaded).Transform(_points.View).GetColumn<float[]>("Score"));
    }

    [Fact]
    public void A_gradient_that_is_to_be_clipped_and_is_not_finite_is_named_before_it_reaches_the_weights()
    {
        // The weights of 100 features are at most a tenth: the scores are finite, their slope is not.
        var steep = new GeneratedView<float>(10, [100], 2, (row, values) => values[0] = 1e38f, row => (uint)(row % 2) + 1);
        var options = new SoftmaxRegression.Options { BatchSize = 1, NumberOfSteps = 5, GradientClipping = new NormClipping() };
        var refused = Assert.Throws<TrainingDivergedException>(() => ProbeNetwork.Estimator(new MLContext(seed: 1), new ProbeNetwork { Gain = 10 }, options).Fit(steep));
        Sentence.Has(refused, "The gradient's norm became", $"at step {refused.Step}:", "the training diverged");
    }

    private static SoftmaxRegression.Options Options(int batchSize) => new()
    {
        LearningRate = 0.1,
        BatchSize = batchSize,
        NumberOfEpochs = 5,
        NumberOfSteps = null,
        Optimizer = new Sgd(),
        MemoryBudget = 1,
        Seed = 1,
    };
}
