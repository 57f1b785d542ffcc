using Microsoft.ML;

namespace Sconce.Trainers.Tests.Training;

/// <summary>The learning rate that falls when the loss no longer does, against the rule written out again over the losses of the training itself.</summary>
public class PlateauScheduleTests
{
    private const double Rate = 0.5;

    private static readonly Points _points = new(rows: 60, features: 4, classes: 3, seed: 1);

    /// <summary>What the first steps gain is an improvement; soon nothing is.</summary>
    private static readonly PlateauSchedule _plateau = new() { Patience = 2, Decay = 0.5, MinimumImprovement = 0.02, MinimumFactor = 0.1 };

    private static readonly SoftmaxRegression.Options _options = new() { BatchSize = 60, NumberOfSteps = 40, LearningRate = Rate, Schedule = _plateau };

    private readonly MLContext _ml = new(seed: 1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_rate_falls_by_the_rule(bool validated)
    {
        var (rates, training) = Train(_options with { ValidationSet = validated ? new Points(rows: 30, features: 4, classes: 3, seed: 2).View : null });
        double[] losses = validated ? [.. training.Validation.Select(summary => summary.Loss)] : [.. training.History.Select(summary => summary.Loss)];
        Assert.Equal(40, losses.Length);
        double factor = 1, best = double.PositiveInfinity;
        var since = 0;
        for (var step = 0; step < losses.Length; step++)
        {
            Assert.Equal(Rate * factor, rates[step], 1e-12);
            if (losses[step] < best - 0.02)
            {
                best = losses[step];
                since = 0;
            }
            else if (++since == 2)
            {
                since = 0;
                factor = Math.Max(0.1, factor / 2);
            }
        }

        // 1, 1/2, 1/4, 1/8 and then no less than a tenth.
        Assert.Equal([0.5, 0.25, 0.125, 0.0625, 0.05], rates.Distinct());
    }

    [Fact]
    public void It_goes_on_from_what_it_has_saved_also_after_a_warm_up()
    {
        LearningRateSchedule warm = new WarmUpSchedule { Fraction = 0.1, Then = _plateau };
        var (rates, _) = Train(_options with { Schedule = warm });
        var (resumed, _) = Train(_options with { Schedule = new WarmUpSchedule { Fraction = 0.1 } }, new Reborn(() => warm.CreateCallback()!, 17));
        Assert.Equal(rates, resumed);
        Assert.True(rates[0] < rates[4] && rates[^1] < rates[4], "The rate has to rise and to fall.");
    }

    [Fact]
    public void A_rate_that_a_callback_has_set_below_the_least_is_not_raised()
    {
        var (rates, _) = Train(_options, new Lowering(0.01));
        Assert.Equal([Rate, Rate * 0.01], rates.Distinct().Select(rate => Math.Round(rate, 12)));
    }

    private (List<double> Rates, TrainingRecord Training) Train(SoftmaxRegression.Options options, params TrainingCallback[] callbacks)
    {
        var rates = new List<double>();
        using var model = _ml.SoftmaxRegression(options with { Callbacks = [.. callbacks, new Rates(rates)] }).Fit(_points.View);
        return (rates, model.Model.Training);
    }

    private sealed class Lowering(double factor) : TrainingCallback
    {
        public override void StepEnded(TrainingProgress progress, TrainingSession session)
        {
            if (progress.Step == 1)
                session.LearningRateFactor = factor;
        }
    }

    private sealed class Rates(List<double> rates) : TrainingCallback
    {
        public override void StepEnded(TrainingProgress progress, TrainingSession session) => rates.Add(session.LearningRate);
    }
}
