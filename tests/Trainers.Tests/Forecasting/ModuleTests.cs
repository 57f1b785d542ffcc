using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Forecasting;

/// <summary>The network's shape: what a step's answer is made of.</summary>
public class ModuleTests
{
    private const int Window = 9;
    private const int Horizon = 10;
    private const int Channels = 5;

    public static TheoryData<ForecastMode> Modes => [.. Enum.GetValues<ForecastMode>()];

    [Theory]
    [MemberData(nameof(Modes))]
    public void Without_corrections_the_last_season_is_repeated(ForecastMode mode)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(1);
        foreach (var season in new int?[] { 7, 3, null })
        {
            using var module = new RecurrentForecast { Mode = mode, SeasonLength = season, PastCovariates = 1, Layers = new() { HiddenSize = 4 } }.Build([Window + Horizon, Channels], Horizon, random);
            using (no_grad())
            {
                foreach (var (_, weight) in module.named_parameters().Where(weight => weight.name.StartsWith("output.", StringComparison.Ordinal)))
                    weight.zero_();
            }

            var input = randn([3, Window + Horizon, Channels], generator: random);
            var output = module.forward(input);
            for (var row = 0; row < 3; row++)
            {
                for (var step = 0; step < Horizon; step++)
                    Assert.Equal(input[row, Window - (season ?? 1) + step % (season ?? 1), 0].item<float>(), output[row, step].item<float>(), 1e-6f);
            }
        }
    }

    /// <summary>So that a shorter horizon needs no knowledge of the steps beyond it.</summary>
    [Theory]
    [MemberData(nameof(Modes))]
    public void A_step_is_forecast_without_a_look_at_those_after_it(ForecastMode mode)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(1);
        using var module = new RecurrentForecast { Mode = mode, Attention = true, PastCovariates = 1, Layers = new() { HiddenSize = 4 } }.Build([Window + Horizon, Channels], Horizon, random);
        var input = randn([2, Window + Horizon, Channels], generator: random);
        var changed = input.clone();
        changed.narrow(1, Window + 4, Horizon - 4).narrow(2, 2, Channels - 2).fill_(9f);
        var (before, after) = (module.forward(input), module.forward(changed));
        Assert.True(before.narrow(1, 0, 4).allclose(after.narrow(1, 0, 4), 1e-6, 1e-6));
        Assert.False(before.narrow(1, 4, 1).allclose(after.narrow(1, 4, 1), 1e-4, 1e-4));
    }

    /// <summary>A direction that reads from the end has seen all of the window when it comes to the first step, not to the last.</summary>
    [Fact]
    public void A_direct_answer_is_made_of_all_that_each_direction_has_read()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(1);
        using var module = new RecurrentForecast { Mode = ForecastMode.Direct, PastCovariates = 1, Layers = new() { HiddenSize = 4, Bidirectional = true } }.Build([Window + Horizon, Channels], Horizon, random);
        using (no_grad())
        {
            foreach (var (_, weight) in module.named_parameters().Where(weight => weight.name.StartsWith("encoder.", StringComparison.Ordinal) && !weight.name.EndsWith("_reverse", StringComparison.Ordinal)))
                weight.zero_();
        }

        var input = randn([2, Window + Horizon, Channels], generator: random);
        var changed = input.clone();
        // A covariate of the past, two steps before the season that is corrected.
        changed.narrow(1, 0, 1).narrow(2, 1, 1).fill_(9f);
        Assert.False(module.forward(input).allclose(module.forward(changed), 1e-6, 1e-6));
    }

    [Fact]
    public void Rows_of_another_shape_and_a_season_beyond_the_window_are_refused()
    {
        using var random = new Generator(1);
        var network = new RecurrentForecast { PastCovariates = 5 };
        Sentence.Has(Assert.Throws<ArgumentException>(() => network.Build([Window + Horizon, Channels], Horizon, random)), "[window + horizon, channels]", "[19, 5]");
        Sentence.Has(Assert.Throws<ArgumentException>(() => new RecurrentForecast { SeasonLength = 10 }.Build([Window + Horizon, Channels], Horizon, random)), "SeasonLength is 10", "only 9 steps");
    }
}
