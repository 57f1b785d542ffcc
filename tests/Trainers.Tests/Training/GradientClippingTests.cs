using Microsoft.ML;
using Sconce.Trainers.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Training;

/// <summary>
/// Clipping against its definition, in double precision and one value after another: the norm is one for all parameters,
/// whatever their sizes, and what fills no vector is clipped as well.
/// </summary>
public class GradientClippingTests
{
    /// <summary>The sizes of the parameters: less than a vector, some and a rest, and one that is shared out among the processors.</summary>
    private static readonly int[] _sizes = [3, 8, 1_001, (1 << 18) + 5];

    [Theory]
    [InlineData(0.001)]
    [InlineData(1)]
    [InlineData(1e6)] // longer than the gradient
    public void One_norm_over_all_parameters_is_what_clips(double maximal)
    {
        var slopes = Slopes();
        var norm = Math.Sqrt(slopes.Sum(values => values.Sum(value => (double)value * value)));
        Check(new NormClipping { MaxNorm = maximal }, slopes, norm, slope => slope * Math.Min(1, maximal / norm));
    }

    [Theory]
    [InlineData(0.125)]
    [InlineData(0.5)]
    [InlineData(1e6)]
    public void Each_value_is_clipped_by_itself(double maximal)
    {
        var slopes = Slopes();
        var norm = Math.Sqrt(slopes.Sum(values => values.Sum(value => (double)value * value)));
        Check(new ValueClipping { MaxValue = maximal }, slopes, norm, slope => Math.Clamp(slope, -maximal, maximal));
    }

    [Fact]
    public void Gradients_whose_squares_leave_single_precision_are_clipped_too()
    {
        float[][] slopes = [[3e30f, 0, 0], [0, 0, 0, 0, -4e30f, 0, 0, 0]];
        var norm = Math.Sqrt(Math.Pow(slopes[0][0], 2) + Math.Pow(slopes[1][4], 2));
        Check(new NormClipping { MaxNorm = 5 }, slopes, norm, slope => slope / norm * 5);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_gradient_that_is_not_finite_moves_nothing_and_is_told(float bad)
    {
        using var parameter = new Parameter(ones(9));
        var updater = new ParameterUpdater(new Sgd(), [parameter], new ValueClipping());
        using var slopes = tensor(new[] { 1f, 1, bad, 1, 1, 1, 1, 1, 1 });
        using (NewDisposeScope())
            (parameter * slopes).sum().backward();
        updater.Step(0.1);
        updater.ClearGradients();
        Assert.False(double.IsFinite(Assert.NotNull(updater.GradientNorm)));
        Assert.All(parameter.detach().data<float>(), value => Assert.Equal(1, value));
        Assert.Null(parameter.grad);
    }

    [Fact]
    public void Weight_decay_comes_after_it()
    {
        using var parameter = new Parameter(full(new long[] { 2, 2 }, 10f));
        var updater = new ParameterUpdater(new Sgd { WeightDecay = 0.5 }, [parameter], new NormClipping { MaxNorm = 1 });
        using (NewDisposeScope())
            (parameter * full(new long[] { 2, 2 }, 100f)).sum().backward();
        updater.Step(1);
        // 10 - (100 clipped to 1/2 + 0.5 * 10)
        Assert.All(parameter.detach().data<float>(), value => Assert.Equal(4.5f, value, 1e-5f));
    }

    [Fact]
    public void A_training_tells_of_each_steps_norm_and_steps_no_further_than_allowed()
    {
        var points = new Points(rows: 40, features: 4, classes: 3, seed: 2);
        var norms = new List<double?>();
        SoftmaxRegression.Options Options(GradientClipping? clipping) => new()
        {
            LearningRate = 0.01,
            BatchSize = 40,
            NumberOfSteps = 20,
            GradientClipping = clipping,
            Progress = new Immediate<TrainingProgress>(progress => norms.Add(progress.GradientNorm)),
        };

        using (new MLContext(seed: 1).SoftmaxRegression(Options(null)).Fit(points.View))
            Assert.All(norms, norm => Assert.Null(norm));
        norms.Clear();
        using var start = new MLContext(seed: 1).SoftmaxRegression(Options(new NormClipping { MaxNorm = 1e-30 })).Fit(points.View);
        Assert.Equal(20, norms.Count);
        // Of all rows, added up in each pass's own order.
        Assert.All(norms, norm => Assert.Equal(1, Assert.NotNull(norm) / Assert.NotNull(norms[0]), 1e-6));
        using var model = new MLContext(seed: 1).SoftmaxRegression(Options(new NormClipping { MaxNorm = 1e-2 })).Fit(points.View);
        var moved = Math.Sqrt(model.Model.Weights.Zip(start.Model.Weights).Sum(pair =>
            pair.First.Value.detach().data<float>().Zip(pair.Second.Value.detach().data<float>()).Sum(values => Math.Pow(values.First - values.Second, 2))));
        // Twenty steps of 0.01 along gradients of 0.01, nearly all in one direction.
        Assert.InRange(moved, 0.9 * 20 * 1e-4, 1.0001 * 20 * 1e-4);
    }

    private static float[][] Slopes()
    {
        var random = new Random(5);
        return [.. _sizes.Select(size => Enumerable.Range(0, size).Select(_ => (float)random.NextDouble() - 0.5f).ToArray())];
    }

    /// <summary>One step of plain descent, from zero and at rate 1, lands on the negative clipped gradient.</summary>
    private static void Check(GradientClipping clipping, float[][] slopes, double norm, Func<double, double> expected)
    {
        Parameter[] parameters = [.. slopes.Select(values => new Parameter(zeros(values.Length)))];
        var updater = new ParameterUpdater(new Sgd(), parameters, clipping);
        using (NewDisposeScope())
            parameters.Zip(slopes, (parameter, values) => (parameter * tensor(values)).sum()).Aggregate((sum, term) => sum + term).backward();
        updater.Step(1);
        Assert.Equal(1, Assert.NotNull(updater.GradientNorm) / norm, 1e-12);
        foreach (var (parameter, values) in parameters.Zip(slopes))
        {
            foreach (var (found, slope) in parameter.detach().data<float>().Zip(values))
            {
                // Single precision rounds to 6e-8 of a value.
                if (Math.Abs(found + expected(slope)) > 2e-7 * Math.Abs(expected(slope)))
                    Assert.Fail($"a gradient of {slope} was clipped to {-found} instead of {expected(slope)}");
            }

            parameter.Dispose();
        }
    }
}
