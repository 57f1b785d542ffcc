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
        var refused = Assert.Throws<InvalidOperationException>(() => new MLContext(seed: 1).SoftmaxRegression(options).Fit(_points.View));
        Assert.InRange(last, 1, 199);
        Sentence.Has(refused, $"at step {last + 1}:", "the training diverged", "A smaller LearningRate than", rate == 1e20 ? "1E+20" : "1E+300");
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
            Assert.Throws<InvalidOperationException>(() => new MLContext(seed: 1).SoftmaxRegression(options).Fit(_points.View)),
            "the training diverged", "A smaller LearningRate than 1E+300");
    }
}
