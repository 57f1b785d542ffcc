using Sconce.Trainers.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Training;

public class SeededDropoutTests
{
    [Fact]
    public void Scoring_leaves_values_as_they_are()
    {
        using var random = new Generator(1);
        using var dropout = new SeededDropout(0.5, random);
        dropout.eval();
        using var input = rand(1000);
        using var output = dropout.forward(input);
        Assert.Equal(input.data<float>().ToArray(), output.data<float>().ToArray());
    }

    [Fact]
    public void A_probability_of_nought_drops_nothing()
    {
        using var random = new Generator(1);
        using var dropout = new SeededDropout(0, random);
        dropout.train();
        using var input = rand(1000);
        using var output = dropout.forward(input);
        Assert.Equal(input.data<float>().ToArray(), output.data<float>().ToArray());
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Training_drops_the_share_it_says_and_scales_the_rest_so_that_the_mean_stays(double probability)
    {
        const int Count = 100_000;
        var values = Drop(probability, seed: 1, Count);
        var kept = values.Where(value => value != 0).ToList();
        Assert.All(kept, value => Assert.Equal((float)(1 / (1 - probability)), value, 1e-6f));

        // Five standard deviations of the binomial distribution's share.
        var slack = 5 * Math.Sqrt(probability * (1 - probability) / Count);
        Assert.InRange(kept.Count / (double)Count, 1 - probability - slack, 1 - probability + slack);
        Assert.InRange(values.Average(), 1 - slack / (1 - probability), 1 + slack / (1 - probability));
    }

    [Fact]
    public void What_is_dropped_is_the_generators_alone()
    {
        var first = Drop(0.5, seed: 1, 1000);
        torch.manual_seed(5).Dispose();
        Assert.Equal(first, Drop(0.5, seed: 1, 1000));
        Assert.NotEqual(first, Drop(0.5, seed: 2, 1000));
    }

    [Fact]
    public void Each_pass_drops_others()
    {
        using var random = new Generator(1);
        using var dropout = new SeededDropout(0.5, random);
        using var input = ones(1000);
        using var first = dropout.forward(input);
        using var second = dropout.forward(input);
        Assert.NotEqual(first.data<float>().ToArray(), second.data<float>().ToArray());
    }

    [Fact]
    public void The_gradient_passes_through_what_was_kept()
    {
        using var random = new Generator(1);
        using var dropout = new SeededDropout(0.25, random);
        using var input = ones(1000, requires_grad: true);
        using var output = dropout.forward(input);
        using var sum = output.sum();
        sum.backward();
        using var gradient = input.grad!;
        Assert.Equal(output.detach().data<float>().ToArray(), gradient.data<float>().ToArray());
    }

    private static float[] Drop(double probability, ulong seed, int count)
    {
        using var random = new Generator(seed);
        using var dropout = new SeededDropout(probability, random);
        dropout.train();
        using var input = ones(count);
        using var output = dropout.forward(input);
        return output.data<float>().ToArray();
    }
}
