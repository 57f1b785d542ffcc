using Microsoft.ML;
using Sconce.Pipelines.Scoring;

namespace Sconce.Pipelines.Tests.Scoring;

/// <summary>For which files a choice holds.</summary>
public sealed class ScoringChooserTests(SmallScorer digits) : IClassFixture<SmallScorer>
{
    /// <summary>An engine that was asked for is made once; a few rows show nothing that should hold for other files.</summary>
    [Theory]
    [InlineData(ScoringEngine.Onnx, true)]
    [InlineData(ScoringEngine.Auto, false)]
    public void Of_a_small_file_only_an_engine_that_was_asked_for_holds_for_the_next(ScoringEngine engine, bool holds)
    {
        var options = new FileScoringOptions { Engine = engine, NumberOfThreads = 2 };
        using var model = ModelFile.LoadAny(new MLContext(), digits.Model);
        var chooser = new ScoringChooser(new MLContext(), new ScoringPlan(model), options);
        var files = new ScoringInputs(model, [digits.Write($"{engine}.csv")], options, []);
        var (first, second) = (chooser.Choose(files), chooser.Choose(files));
        Assert.Equal(holds, ReferenceEquals(first, second));
        Assert.Equal(engine == ScoringEngine.Onnx ? ScoringEngine.Onnx : ScoringEngine.AsSaved, first.Engine);
    }
}
