using Microsoft.ML;

namespace Sconce.Trainers.Tests.Training;

/// <summary>
/// Training a dense layer on all rows at once, against the optimisers' equations written out in double precision.
/// Where a batch is the whole data its order does not matter, so that nothing of the shuffling has to be copied.
/// </summary>
public class GradientDescentTests
{
    private const int Steps = 20;

    /// <summary>Single against double precision over twenty steps: rounding is around 1e-7 a step.</summary>
    private const double Tolerance = 1e-5;

    /// <summary>A number of rows that no number of classes divides: a class with exactly its share has a gradient of nought, of which Adam would take the sign of the rounding.</summary>
    private static readonly Points _points = new(rows: 59, features: 6, classes: 4, seed: 3);

    private static readonly SoftmaxRegression.Options _allRows = new() { BatchSize = _points.Rows, NumberOfSteps = Steps, Seed = 1 };

    [Fact]
    public void Plain_descent_follows_its_equation() =>
        AssertTrainsLike(_allRows with { LearningRate = 0.5 }, new(_points), (_, parameters, gradient) => Subtract(parameters, gradient, 0.5));

    [Fact]
    public void A_batch_larger_than_the_data_is_the_whole_data() =>
        AssertTrainsLike(_allRows with { LearningRate = 0.5, BatchSize = 10 * _points.Rows }, new(_points), (_, parameters, gradient) => Subtract(parameters, gradient, 0.5));

    [Fact]
    public void The_largest_possible_batch_is_the_whole_data() =>
        AssertTrainsLike(_allRows with { LearningRate = 0.5, BatchSize = int.MaxValue }, new(_points), (_, parameters, gradient) => Subtract(parameters, gradient, 0.5));

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.9)]
    public void Label_smoothing_moves_the_loss_and_the_weights_as_its_formula_says(double smoothing) =>
        AssertTrainsLike(_allRows with { LearningRate = 0.5, LabelSmoothing = smoothing }, new(_points, smoothing), (_, parameters, gradient) => Subtract(parameters, gradient, 0.5));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Momentum_follows_its_equation(bool nesterov)
    {
        var velocity = new double[_points.Classes * (_points.Width + 1)];
        AssertTrainsLike(_allRows with { LearningRate = 0.1, Optimizer = new Sgd { Momentum = 0.9, Nesterov = nesterov } }, new(_points), (_, parameters, gradient) =>
        {
            for (var i = 0; i < velocity.Length; i++)
            {
                velocity[i] = 0.9 * velocity[i] + gradient[i];
                parameters[i] -= 0.1 * (nesterov ? gradient[i] + 0.9 * velocity[i] : velocity[i]);
            }
        });
    }

    [Fact]
    public void Weight_decay_of_plain_descent_is_a_penalty_on_the_weights() =>
        AssertTrainsLike(_allRows with { LearningRate = 0.5, Optimizer = new Sgd { WeightDecay = 0.03 } }, new(_points), (_, parameters, gradient) =>
            Subtract(parameters, Decayed(parameters, gradient, 0.03), 0.5));

    [Theory]
    [InlineData(0.9, 0.999, 0)]
    [InlineData(0.8, 0.99, 0)]
    [InlineData(0.9, 0.999, 0.05)]
    public void Adam_follows_its_equations(double beta1, double beta2, double decay)
    {
        var adam = new AdamReference(beta1, beta2);
        AssertTrainsLike(_allRows with { LearningRate = 0.02, Optimizer = new Adam { Beta1 = beta1, Beta2 = beta2, WeightDecay = decay } }, new(_points), (step, parameters, gradient) =>
            adam.Step(step, parameters, Decayed(parameters, gradient, decay), 0.02));
    }

    [Theory]
    [InlineData(0.99, 0, 0)]
    [InlineData(0.9, 0.8, 0)]
    [InlineData(0.99, 0.5, 0.05)]
    public void RmsProp_follows_its_equations(double decay, double momentum, double weightDecay)
    {
        double[] square = new double[_points.Classes * (_points.Width + 1)], velocity = new double[square.Length];
        var options = _allRows with { LearningRate = 0.005, Optimizer = new RmsProp { Decay = decay, Momentum = momentum, WeightDecay = weightDecay } };
        AssertTrainsLike(options, new(_points), (_, parameters, gradient) =>
        {
            var decayed = Decayed(parameters, gradient, weightDecay);
            for (var i = 0; i < square.Length; i++)
            {
                square[i] = decay * square[i] + (1 - decay) * decayed[i] * decayed[i];
                velocity[i] = momentum * velocity[i] + decayed[i] / (Math.Sqrt(square[i]) + 1e-8);
                parameters[i] -= 0.005 * velocity[i];
            }
        });
    }

    [Fact]
    public void AdamW_shrinks_the_weights_apart_from_the_gradient()
    {
        var adam = new AdamReference(0.9, 0.999);
        var options = _allRows with { LearningRate = 0.02, Optimizer = new AdamW() };
        AssertTrainsLike(options, new(_points), (step, parameters, gradient) =>
        {
            // The paper's decay of 0.01 is the record's default. Biases are never decayed.
            for (var i = 0; i < _points.Classes * _points.Width; i++)
                parameters[i] *= 1 - 0.02 * 0.01;
            adam.Step(step, parameters, gradient, 0.02);
        });
    }

    [Fact]
    public void The_schedule_sets_the_rate_of_each_step()
    {
        // The formula is written out again: half a cosine from the full rate at the first step to nought at the last.
        var options = _allRows with { LearningRate = 0.5, Schedule = new CosineSchedule() };
        AssertTrainsLike(options, new(_points), (step, parameters, gradient) =>
            Subtract(parameters, gradient, 0.5 * (1 + Math.Cos(Math.PI * step / (Steps - 1))) / 2));
    }

    [Fact]
    public void A_training_of_one_step_takes_the_schedules_first_rate() =>
        AssertTrainsLike(_allRows with { NumberOfSteps = 1, LearningRate = 0.5, Schedule = new OneCycleSchedule() }, new(_points), (_, parameters, gradient) =>
            Subtract(parameters, gradient, 0.5 / 25));

    private static void AssertTrainsLike(SoftmaxRegression.Options options, SoftmaxReference reference, Action<int, double[], double[]> update)
    {
        var losses = new List<double>();
        using var model = new MLContext().SoftmaxRegression(options with { Progress = new Immediate<TrainingProgress>(progress => losses.Add(progress.Loss)) }).Fit(_points.View);

        for (var step = 0; step < options.NumberOfSteps; step++)
        {
            var (loss, gradient) = reference.Evaluate();
            Assert.Equal(loss, losses[step], Tolerance);
            update(step, reference.Parameters, gradient);
        }

        AssertClose(reference.Weights, model.Weight("output.weight"));
        AssertClose(reference.Biases, model.Weight("output.bias"));

        // So that a training that does nothing is not taken for a right one.
        Assert.True(reference.Weights.Max(Math.Abs) > 1e-3);
    }

    private static void AssertClose(IEnumerable<double> expected, float[] actual)
    {
        Assert.Equal(expected.Count(), actual.Length);
        foreach (var (wanted, found) in expected.Zip(actual))
            Assert.Equal(wanted, found, Tolerance);
    }

    /// <summary>The gradient of the loss and of half the decay times the sum of the squared weights. Biases are never decayed.</summary>
    private static double[] Decayed(double[] parameters, double[] gradient, double decay) =>
        [.. gradient.Select((slope, i) => slope + (i < _points.Classes * _points.Width ? decay * parameters[i] : 0))];

    private static void Subtract(double[] parameters, double[] gradient, double rate)
    {
        for (var i = 0; i < parameters.Length; i++)
            parameters[i] -= rate * gradient[i];
    }

    /// <summary>Kingma and Ba's algorithm 1.</summary>
    private sealed class AdamReference(double beta1, double beta2)
    {
        private readonly double[] _mean = new double[_points.Classes * (_points.Width + 1)];
        private readonly double[] _square = new double[_points.Classes * (_points.Width + 1)];

        public void Step(int step, double[] parameters, double[] gradient, double rate)
        {
            for (var i = 0; i < parameters.Length; i++)
            {
                _mean[i] = beta1 * _mean[i] + (1 - beta1) * gradient[i];
                _square[i] = beta2 * _square[i] + (1 - beta2) * gradient[i] * gradient[i];
                var mean = _mean[i] / (1 - Math.Pow(beta1, step + 1));
                var square = _square[i] / (1 - Math.Pow(beta2, step + 1));
                parameters[i] -= rate * mean / (Math.Sqrt(square) + 1e-8);
            }
        }
    }
}
