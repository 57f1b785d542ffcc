using Sconce.Trainers.Networks;

namespace Sconce.Trainers.Tests.Networks;

public sealed class NumberBinsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Bins_ascend_and_hold_about_the_same_number_of_rows(int seed)
    {
        var random = new Random(seed);
        float[] values = [.. Enumerable.Range(0, 20_000).Select(_ => MathF.Exp(3 * random.NextSingle() * random.NextSingle()))];
        var edges = NumberBins.Edges([.. values], 32);
        Assert.InRange(edges.Count, 30, 33);
        Assert.All(edges.Zip(edges.Skip(1)), pair => Assert.True(pair.First < pair.Second));
        Assert.Equal((values.Min(), values.Max()), (edges[0], edges[^1]));
        Assert.All(edges.Zip(edges.Skip(1)), pair => Assert.InRange(values.Count(value => value > pair.First && value <= pair.Second), 300, 1_300));
    }

    [Fact]
    public void A_frequent_number_has_bins_of_its_own()
    {
        float[] values = [.. Enumerable.Repeat(0f, 10_000), .. Enumerable.Range(1, 10_000).Select(i => (float)i)];
        var edges = NumberBins.Edges(values, 16);
        Assert.Equal(0.5f, edges[1]);
        Assert.InRange(edges.Count, 14, 17);
    }

    [Fact]
    public void Few_numbers_are_edges_themselves()
    {
        Assert.Equal([1, 2, 5], NumberBins.Edges([5, 1, 2, 2, 1], 8));
        Assert.Equal([1, 2], NumberBins.Edges([2, 1], 1));
        Assert.Empty(NumberBins.Edges([3, 3, 3], 8));
    }
}
