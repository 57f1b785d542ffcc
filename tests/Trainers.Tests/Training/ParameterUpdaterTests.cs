using Sconce.Trainers.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Training;

/// <summary>
/// The update of parameters in memory, whatever their size: what fills no vector, and what is shared out among the
/// processors, has to be updated by the same equations as the rest. Each gradient is a constant, so that the
/// equations can be followed in double precision, one weight after another.
/// </summary>
public class ParameterUpdaterTests
{
    private const int Steps = 3;

    public static TheoryData<int> Sizes => [1, 2, 7, 8, 9, 31, 1_000, (1 << 18) - 1, 1 << 18, (1 << 18) + 1, (1 << 19) + 5];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Plain_descent_updates_every_weight_once_a_step(int size) =>
        Check(new Sgd(), size, 0.5, (weight, slope) => weight - Steps * 0.5 * slope);

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Momentum_is_kept_for_every_weight(int size) =>
        Check(new Sgd { Momentum = 0.5 }, size, 0.5, (weight, slope) => weight - 0.5 * slope * (1 + 1.5 + 1.75));

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Adam_keeps_both_means_for_every_weight(int size) =>
        // Of a constant gradient both corrected means are the gradient's own, so that each step is the rate, by its sign.
        Check(new Adam(), size, 0.25, (weight, slope) => weight - Steps * 0.25 * Math.Sign(slope));

    [Theory]
    [MemberData(nameof(Sizes))]
    public void RmsProp_keeps_the_mean_of_squares_for_every_weight(int size) =>
        // Of a constant gradient the mean of squares after t steps is the square's share 1 - 0.99^t.
        Check(new RmsProp(), size, 0.02, (weight, slope) => weight - Enumerable.Range(1, Steps).Sum(t => 0.02 * slope / (Math.Abs(slope) * Math.Sqrt(1 - Math.Pow(0.99, t)) + 1e-8)));

    [Theory]
    [InlineData(7)]
    [InlineData((1 << 18) + 1)]
    public void Weights_of_two_dimensions_are_decayed_and_biases_are_not(int size)
    {
        using var weight = Parameter(size, 2);
        using var bias = Parameter(size);
        double[] before = Values(weight), biasBefore = Values(bias);
        using var nothing = zeros(size, 2);
        using var nothingEither = zeros(size);
        Run(new AdamW { WeightDecay = 0.5 }, [weight, bias], 0.1, () => (weight * nothing).sum() + (bias * nothingEither).sum());
        var kept = Math.Pow(1 - 0.1 * 0.5, Steps);
        Assert.All(before.Zip(Values(weight)), pair => Assert.Equal(pair.First * kept, pair.Second, 1e-6));
        Assert.Equal(biasBefore, Values(bias));
    }

    [Fact]
    public void Gradients_are_cleared_by_a_step()
    {
        using var parameter = Parameter(10);
        Run(new Sgd(), [parameter], 0.1, () => parameter.sum());
        Assert.Null(parameter.grad);
    }

    [Fact]
    public void Parameters_that_are_not_trained_stay_as_they_are()
    {
        using var frozen = new Parameter(ones(5), requires_grad: false);
        using var unused = Parameter(5);
        using var trained = Parameter(5);
        double[] before = Values(unused), trainedBefore = Values(trained);
        Run(new Adam(), [frozen, unused, trained], 0.1, () => (trained * frozen).sum());
        Assert.All(Values(frozen), value => Assert.Equal(1, value));
        Assert.Equal(before, Values(unused));
        Assert.NotEqual(trainedBefore, Values(trained));
    }

    [Fact]
    public void Gradients_of_another_memory_layout_reach_their_weights()
    {
        // What a convolution of images with their channels side by side gives: the same shape, other strides.
        using var parameter = Parameter(4, 3, 2, 5);
        using var slopes = arange(4 * 5 * 3 * 2, ScalarType.Float32).reshape(4, 2, 5, 3).permute(0, 3, 1, 2);
        var before = Values(parameter);
        Run(new Sgd(), [parameter], 0.5, () => (parameter * slopes).sum());
        using var inOrder = slopes.contiguous();
        foreach (var ((old, found), slope) in before.Zip(Values(parameter)).Zip(inOrder.data<float>()))
            Assert.Equal(old - Steps * 0.5 * slope, found, 1e-3);
    }

    private static void Check(Optimizer optimizer, int size, double rate, Func<double, double, double> expected)
    {
        using var parameter = Parameter(size);
        using var random = new Generator(2);
        using var slopes = empty(size).uniform_(-0.5, 0.5, random);
        var before = Values(parameter);
        Run(optimizer, [parameter], rate, () => (parameter * slopes).sum());
        var after = Values(parameter);
        foreach (var ((old, found), slope) in before.Zip(after).Zip(slopes.data<float>()))
        {
            // A gradient near Adam's epsilon would be scaled by it. Three steps round by about 1e-7 each.
            if (Math.Abs(slope) > 1e-3 && Math.Abs(expected(old, slope) - found) > 2e-5)
                Assert.Fail($"a weight of {old} with the gradient {slope} became {found} instead of {expected(old, slope)}");
        }
    }

    private static void Run(Optimizer optimizer, Parameter[] parameters, double rate, Func<Tensor> loss)
    {
        var updater = new ParameterUpdater(optimizer, parameters);
        for (var step = 0; step < Steps; step++)
        {
            using var scope = NewDisposeScope();
            loss().backward();
            updater.Step(rate);
            updater.ClearGradients();
        }
    }

    private static Parameter Parameter(params long[] shape)
    {
        using var random = new Generator(1);
        return new Parameter(rand(shape, generator: random));
    }

    private static double[] Values(Tensor tensor) => [.. tensor.detach().data<float>().Select(value => (double)value)];
}
