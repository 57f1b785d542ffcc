using Sconce.Trainers.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Training;

public class InitialWeightsTests
{
    [Fact]
    public void Uniform_weights_and_biases_lie_within_one_over_the_root_of_the_fan_in()
    {
        using var layers = Initialized(WeightInitialization.Uniform);
        Check("convolution", fanIn: 8 * 3 * 5);
        Check("dense", fanIn: 400);

        void Check(string layer, int fanIn)
        {
            var bound = 1 / Math.Sqrt(fanIn);
            var weights = Values(layers, $"{layer}.weight");
            Assert.All(weights.Concat(Values(layers, $"{layer}.bias")), value => Assert.InRange(Math.Abs(value), 0, bound * (1 + 1e-6)));
            AssertDistribution(weights, value => (value / bound + 1) / 2);
            Assert.Equal(bound / Math.Sqrt(3), Deviation(weights), bound * 0.02);
            // Neither all the same nor forgotten.
            Assert.True(Values(layers, $"{layer}.bias").Distinct().Count() > 10);
        }
    }

    [Fact]
    public void Truncated_normal_weights_lie_within_two_deviations_of_the_tutorials_tenth()
    {
        using var layers = Initialized(WeightInitialization.TruncatedNormal);
        double low = Normal(-2), high = Normal(2);
        foreach (var layer in (string[])["convolution", "dense"])
        {
            var weights = Values(layers, $"{layer}.weight");
            // One part in a million for the rounding of the inverse error function in single precision.
            Assert.All(weights, value => Assert.InRange(Math.Abs(value), 0, 0.2 * (1 + 1e-6)));
            AssertDistribution(weights, value => (Normal(value / 0.1) - low) / (high - low));
            // The deviation of a normal distribution that is cut at two of its own: sigma * sqrt(1 - 4 phi(2) / 0.9545).
            Assert.Equal(0.1 * 0.879626, Deviation(weights), 0.1 * 0.02);
            Assert.All(Values(layers, $"{layer}.bias"), value => Assert.Equal(0.1f, value));
        }
    }

    [Theory]
    [InlineData(WeightInitialization.Uniform)]
    [InlineData(WeightInitialization.TruncatedNormal)]
    public void Weights_are_the_generators(WeightInitialization scheme)
    {
        using var first = Initialized(scheme, seed: 5);
        torch.manual_seed(1).Dispose();
        using var second = Initialized(scheme, seed: 5);
        using var other = Initialized(scheme, seed: 6);
        Assert.Equal(Values(first, "dense.weight"), Values(second, "dense.weight"));
        Assert.NotEqual(Values(first, "dense.weight"), Values(other, "dense.weight"));
        Assert.NotEqual(Values(first, "dense.weight").Take(100), Values(first, "convolution.weight").Take(100));
    }

    [Fact]
    public void Layers_without_initial_weights_keep_their_constants()
    {
        using var layers = Initialized(WeightInitialization.TruncatedNormal);
        Assert.All(Values(layers, "normalization.weight"), value => Assert.Equal(1, value));
        Assert.All(Values(layers, "normalization.bias"), value => Assert.Equal(0, value));
    }

    [Fact]
    public void Any_layer_is_drawn_from_the_given_generator()
    {
        using var random = new Generator(5);
        using var layers = nn.Sequential(("convolution", nn.Conv1d(6, 64, 5)), ("embedding", nn.Embedding(100, 20)), ("normalization", nn.LayerNorm([20])));
        layers.Initialize(WeightInitialization.HeNormal, random);
        AssertDistribution(Values(layers, "convolution.weight"), value => Normal(value / Math.Sqrt(2.0 / 30)));
        AssertDistribution(Values(layers, "embedding.weight"), value => Normal(value / Math.Sqrt(2.0 / 20)));
        Assert.All(Values(layers, "convolution.bias"), value => Assert.Equal(0, value));
        Assert.All(Values(layers, "normalization.weight"), value => Assert.Equal(1, value));
    }

    private static nn.Module<Tensor, Tensor> Initialized(WeightInitialization scheme, ulong seed = 5)
    {
        using var random = new Generator(seed);
        var layers = nn.Sequential(("convolution", nn.Conv2d(8, 64, (3, 5))), ("normalization", new BatchNormalization(64)), ("dense", nn.Linear(400, 50)));
        layers.Initialize(scheme, random);
        return layers;
    }

    private static double[] Values(nn.Module layers, string name) => [.. layers.state_dict()[name].detach().data<float>().Select(value => (double)value)];

    private static double Deviation(double[] values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
    }

    /// <summary>Kolmogorov and Smirnov's test: a deviation of 2.2 / sqrt(n) has a probability of 1 in 8,000, and the seed is fixed.</summary>
    private static void AssertDistribution(double[] values, Func<double, double> cumulative)
    {
        var sorted = values.Order().ToArray();
        var largest = sorted.Select((value, i) => Math.Abs(cumulative(value) - (i + 0.5) / sorted.Length)).Max();
        Assert.InRange(largest, 0, 2.2 / Math.Sqrt(sorted.Length));
    }

    /// <summary>The normal distribution's cumulative function, integrated by Simpson's rule from where nothing is left.</summary>
    private static double Normal(double upTo)
    {
        const int Steps = 200;
        double low = -9, width = (upTo - low) / Steps, sum = 0;
        for (var i = 0; i <= Steps; i++)
            sum += (i == 0 || i == Steps ? 1 : i % 2 == 1 ? 4 : 2) * Math.Exp(-Math.Pow(low + i * width, 2) / 2);
        return sum * width / 3 / Math.Sqrt(2 * Math.PI);
    }
}
