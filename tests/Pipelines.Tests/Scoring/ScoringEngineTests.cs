using Microsoft.ML;
using Sconce.Tests;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tests.Scoring;

/// <summary>Which engine runs a model where none was asked for: always the same for a model.</summary>
public sealed class ScoringEngineTests(SmallScorer digits) : IClassFixture<SmallScorer>
{
    [Fact]
    public void A_network_without_convolutions_is_run_as_it_was_saved()
    {
        var summary = digits.Score([digits.Write("dense.csv")], "dense-scores.csv");
        Assert.Equal((ScoringEngine.AsSaved, 256), (summary.Engine, summary.BatchSize));
    }

    [Fact]
    public void A_network_with_convolutions_is_run_by_ONNX_Runtime_and_gives_the_same_scores()
    {
        using var folder = new TemporaryFolder();
        var zip = folder.PathOf("convolutional.zip");
        var model = DigitPipeline.Create(digits.Ml, new ConvolutionalNetwork.Options { NumberOfSteps = 2 }).Fit(digits.Images);
        using (model as IDisposable)
            digits.Ml.Model.SaveAtomically(model, digits.Images.Schema, zip);
        var input = digits.Write("convolutional.idx");
        var summary = Score("auto.csv", new());
        Assert.Equal(ScoringEngine.Onnx, summary.Engine);
        Assert.Equal(ScoringEngine.AsSaved, Score("saved.csv", new() { Engine = ScoringEngine.AsSaved }).Engine);
        // What was asked for, and what Auto chose, is the same engine.
        Score("onnx.csv", new() { Engine = ScoringEngine.Onnx });
        Assert.Equal(File.ReadAllText(folder.PathOf("onnx.csv")), File.ReadAllText(folder.PathOf("auto.csv")));
        var (saved, auto) = (Values("saved.csv"), Values("auto.csv"));
        Assert.Equal(saved.Count, auto.Count);
        Assert.All(saved.Zip(auto), pair => Assert.InRange(pair.First - pair.Second, -1e-5, 1e-5));

        ScoringSummary Score(string output, FileScoringOptions options) =>
            FileScorer.Score(new MLContext(), zip, [input], folder.PathOf(output), options with { Columns = ["Score"], CancellationToken = TestContext.Current.CancellationToken });

        List<double> Values(string name) => [.. File.ReadLines(folder.PathOf(name)).Skip(1).SelectMany(line => line.Split(',')).Select(value => double.Parse(value, System.Globalization.CultureInfo.InvariantCulture))];
    }
}
