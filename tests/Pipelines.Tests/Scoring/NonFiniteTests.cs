using Microsoft.ML;
using Sconce.Files;
using Sconce.Tests;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tests.Scoring;

/// <summary>Scores that are NaN or infinite, which nobody can use and which look like numbers.</summary>
public sealed class NonFiniteTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("-1", "NaN")]
    [InlineData("0", "-Infinity")]
    public void A_score_of_any_model_that_is_not_finite_is_a_bad_row(string value, string score)
    {
        var model = SaveLogarithm();
        var input = Write($"X\n1\n{value}\n2\n");
        var refusal = Assert.Throws<InvalidDataException>(() => Score(model, input, new())).Message;
        Assert.StartsWith($"'{input}', row 2 (line 3): '{model}' computes 'Score' as {score}, which is not finite.", refusal, StringComparison.Ordinal);
        var summary = Score(model, input, new() { OnError = RowErrors.Skip });
        Assert.Equal((2, 1), (summary.Scored, summary.Bad));
        Assert.Equal(3, File.ReadLines(_folder.PathOf("scores.csv")).Count());
        summary = Score(model, input, new() { AllowNonFinite = true });
        Assert.Equal((3, 0), (summary.Scored, summary.Bad));
        Assert.Equal(score, File.ReadLines(_folder.PathOf("scores.csv")).ElementAt(2));
    }

    /// <summary>The score is not written, and the label that was chosen by it would be a guess.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("PredictedLabel")]
    [InlineData("Score")]
    public void A_label_of_a_score_that_is_not_finite_is_a_bad_row(string? column)
    {
        var model = SaveClassifier();
        var input = Write("X\n1\n3e38\n2\n");
        var summary = Score(model, input, new() { Columns = column is null ? null : [column], OnError = RowErrors.Skip });
        Assert.Equal((2, 1), (summary.Scored, summary.Bad));
        Assert.Contains("computes 'Score' as NaN", Assert.Single(summary.BadRows), StringComparison.Ordinal);
        Assert.Equal(column == "PredictedLabel" ? "PredictedLabel" : column is null ? "PredictedLabel,Score.a,Score.b" : "Score.a,Score.b", File.ReadLines(_folder.PathOf("scores.csv")).First());
    }

    /// <summary>What of an input is written again is no score.</summary>
    [Fact]
    public void A_column_that_is_passed_on_is_as_it_was()
    {
        var summary = Score(SaveLogarithm(), Write("X,Y\n1,NaN\n2,3\n"), new() { Columns = ["Y", "Score"] });
        Assert.Equal((2, 0), (summary.Scored, summary.Bad));
    }

    [Fact]
    public void A_run_is_not_gone_on_with_otherwise()
    {
        var model = SaveLogarithm();
        var input = Write("X\n1\n2\n3\n");
        Assert.Throws<OperationCanceledException>(() => Score(model, input, new() { BatchSize = 1, RowsPerPart = 1, Progress = new Stop() }));
        Assert.Contains("scores that are not finite: allowed now, and refused when the run was started", Assert.Throws<InvalidDataException>(() => Score(model, input, new() { Resume = true, AllowNonFinite = true })).Message, StringComparison.Ordinal);
    }

    private ScoringSummary Score(string model, string input, FileScoringOptions options) => FileScorer.Score(_ml, model, [input], _folder.PathOf("scores.csv"), options with { Force = !options.Resume });

    private string Write(string text)
    {
        File.WriteAllText(_folder.PathOf("in.csv"), text);
        return _folder.PathOf("in.csv");
    }

    private string SaveLogarithm()
    {
        var data = _ml.Data.LoadFromEnumerable<Row>([new() { X = 1 }]);
        _ml.Model.Save(_ml.Transforms.Expression("Score", "x => log(x)", "X").Fit(data), data.Schema, _folder.PathOf("log.zip"));
        return _folder.PathOf("log.zip");
    }

    private string SaveClassifier()
    {
        var data = _ml.Data.LoadFromEnumerable<Row>([new() { X = 1, Name = "a" }, new() { X = 2, Name = "b" }]);
        using var model = _ml.Transforms.Conversion.MapValueToKey("Label", "Name").Append(_ml.Transforms.Concatenate("Features", "X", "X"))
            .Append(_ml.MulticlassClassification.Trainers.DenseNetwork(new DenseNetwork.Options { Network = new() { HiddenLayerSizes = [64, 64] }, NumberOfSteps = 1, BatchSize = 2 }))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("PredictedLabel")).Fit(data);
        _ml.Model.Save(model, data.Schema, _folder.PathOf("classes.zip"));
        return _folder.PathOf("classes.zip");
    }

    private sealed class Row
    {
        public float X { get; set; }

        public float Y { get; set; }

        public string Name { get; set; } = "";
    }

    private sealed class Stop : IProgress<long>
    {
        public void Report(long value) => throw new OperationCanceledException();
    }
}
