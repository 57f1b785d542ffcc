using Sconce.Pipelines.Plots;
using Sconce.Pipelines.Tests.Plots;
using Sconce.Pipelines.Tutorials.Gradients;
using Sconce.Tests;
using SkiaSharp;

namespace Sconce.Pipelines.Tests.Gradients;

/// <summary>What the explanation is made of, and its picture.</summary>
public sealed class GradientExplanationTests : IDisposable
{
    private static readonly GradientOptions _small = new() { Lengths = [60, 5], HiddenSize = 16, TrainingSteps = 12 };
    private static readonly Lazy<GradientExplanation> _explanation = new(() => GradientExplanation.Run(_small, TestContext.Current.CancellationToken));
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, object> BadOptions => new()
    {
        { "Lengths.Count is 0", _small with { Lengths = [] } },
        { "Lengths is 1; it has to be at least 2", _small with { Lengths = [10, 1] } },
        { "HiddenSize is 1; it has to be at least 2", _small with { HiddenSize = 1 } },
        { "SpectralRadii is 0; it has to be more than 0", _small with { SpectralRadii = [0] } },
        { "TrainingSteps is 0; it has to be at least 1", _small with { TrainingSteps = 0 } },
    };

    [Fact]
    public void Every_cell_is_measured_at_every_radius_and_length()
    {
        Assert.Equal(["tanh", "sigmoid", "ReLU", "LSTM, forget bias 1", "LSTM, forget bias 5"], _explanation.Value.Flows.Select(flow => flow.Cell).Distinct());
        foreach (var flows in _explanation.Value.Flows.GroupBy(flow => (flow.Cell, flow.SpectralRadius)))
        {
            Assert.Equal([5, 60], flows.Select(flow => flow.Length));
            Assert.All(flows, flow => Assert.Equal(1, flow.Norms[^1], 1e-5));
        }

        Assert.Equal(5 * 2 * 2, _explanation.Value.Flows.Count);
    }

    [Fact]
    public void Trainings_begin_alike_and_clipping_bounds_their_steps()
    {
        var runs = _explanation.Value.Runs;
        Assert.Equal(["no clipping", "by value 0.02", "by norm 1"], runs.Select(run => run.Clipping));
        Assert.All(runs, run => Assert.Equal((runs[0].Losses[0], runs[0].GradientNorms[0]), (run.Losses[0], run.GradientNorms[0])));
        foreach (var (norm, step) in runs[0].GradientNorms.Zip(runs[0].StepSizes))
            Assert.Equal(1, step / (norm * ClippingRun.LearningRate), 1e-3);

        // 16 hidden values: 16 * (2 + 16 + 2) weights of the cell and 17 of the read-out.
        var parameters = 16 * 20 + 17;
        Assert.All(runs[1].StepSizes, step => Assert.InRange(step, 0, 1.001 * ClippingRun.LearningRate * 0.02 * Math.Sqrt(parameters)));
        foreach (var (norm, step) in runs[2].GradientNorms.Zip(runs[2].StepSizes))
            Assert.Equal(1, step / (Math.Min(1, norm) * ClippingRun.LearningRate), 1e-3);
    }

    [Fact]
    public void Without_clipping_the_default_training_diverges_and_with_it_does_not()
    {
        var runs = ClippingRun.Compare(new() { TrainingSteps = 30 }, TestContext.Current.CancellationToken);
        Assert.InRange(Assert.NotNull(runs[0].DivergedAt), 2, 30);
        Assert.Equal(runs[0].DivergedAt - 1, runs[0].Losses.Count);
        Assert.All(runs[0].Losses, loss => Assert.True(double.IsFinite(loss)));
        Assert.All(runs.Skip(1), run => Assert.Equal((null, 30), (run.DivergedAt, run.Losses.Count)));
        Assert.All(runs.Skip(1), run => Assert.InRange(run.Losses[^1], 0, 10 * run.Losses[0]));
    }

    [Fact]
    public void The_picture_has_a_line_for_each_cell_and_each_training()
    {
        var path = _folder.PathOf("gradients.png");
        // Gradients of 0, and of more than single precision holds, have their places too.
        var flow = _explanation.Value.Flows[0];
        var explanation = _explanation.Value with { Flows = [.. _explanation.Value.Flows, flow with { Norms = [0, 0, 1e-44, 1] }, flow with { Norms = [double.PositiveInfinity, 1e30, 1] }] };
        explanation.Save(path);
        using var picture = new Picture(path);
        Assert.Equal((3000, 2100), (picture.Width, picture.Height));
        Assert.True(picture.HasWhiteFrame());
        for (var i = 0; i < 5; i++)
        {
            var color = PlotPalette.Of(i);
            Assert.True(picture.Count(pixel => pixel == new SKColor(color.R, color.G, color.B)) > 500, $"colour {i}");
        }

        Assert.Contains("does not end in .png", Assert.Throws<ArgumentException>(() => explanation.Save(_folder.PathOf("gradients.jpg"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(BadOptions))]
    public void An_option_that_makes_no_sense_is_refused(string sentence, object options) =>
        Assert.StartsWith(sentence, Assert.ThrowsAny<ArgumentException>(() => GradientExplanation.Run((GradientOptions)options, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);

    [Fact]
    public void It_can_be_stopped() =>
        Assert.Throws<OperationCanceledException>(() => GradientExplanation.Run(_small, new CancellationToken(canceled: true)));

    public void Dispose() => _folder.Dispose();
}
