using Microsoft.ML;
using Sconce.Pipelines.Tutorials.Dates;
using Sconce.Tests;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tests.Dates;

/// <summary>From examples through a saved file to texts, on a form of few strings that is learned in seconds.</summary>
public sealed class TranslationTests : IDisposable
{
    private static readonly EncoderDecoder.Options _quick = DatePipeline.Options with
    {
        Network = new() { Layers = new() { Cell = RecurrentCell.Gru, HiddenSize = 16 }, EmbeddingSize = 8 },
        LearningRate = 2e-2,
        BatchSize = 32,
        NumberOfSteps = 300,
    };

    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_saved_pipeline_is_evaluated_and_translates()
    {
        // Years alone: "1998" to "98".
        var examples = Enumerable.Range(0, 100).Select(year => new DateExample { Date = $"19{year:D2}", IsoDate = $"{year:D2}" }).ToList();
        var data = _ml.Data.LoadFromEnumerable(examples);
        var path = _folder.PathOf("years.zip");
        var trained = DatePipeline.Create(_ml, _quick).Fit(data);
        using (trained as IDisposable)
            _ml.Model.SaveAtomically(trained, data.Schema, path);

        using var model = ModelFile.Load(new MLContext(), path);
        var report = TranslationReport.Evaluate(model, data);
        Assert.Equal(100, report.Rows);
        Assert.True(report.ExactMatch > 0.95, $"{report.ExactMatch:P0} are right");
        Assert.Equal(Math.Min(10, 100 - (int)Math.Round(100 * report.ExactMatch)), report.Mistakes.Count);

        var outputs = TextTranslator.Translate(_ml, model, [.. examples.Select(example => example.Date)]);
        Assert.Equal(examples.Select(example => example.Date), outputs.Select(output => output.Input));
        Assert.Equal(report.ExactMatch, outputs.Zip(examples).Count(pair => pair.First.Output == pair.Second.IsoDate) / 100.0, 1e-9);

        var empty = Assert.Throws<InvalidDataException>(() => TextTranslator.Translate(_ml, model, ["1998", ""]));
        Assert.Contains("'Date' has no characters in row 1", empty.Message, StringComparison.Ordinal);

        // Files of texts are scored like any others.
        File.WriteAllLines(_folder.PathOf("dates.csv"), examples.Select(example => $"\"{example.Date}\"").Prepend("Date"));
        FileScorer.Score(_ml, path, [_folder.PathOf("dates.csv")], _folder.PathOf("out.csv"), new() { CancellationToken = TestContext.Current.CancellationToken });
        Assert.Equal(outputs.Select(output => output.Output), File.ReadLines(_folder.PathOf("out.csv")).Skip(1));
        Assert.Contains("has no rows", Assert.Throws<InvalidDataException>(() => TranslationReport.Evaluate(model, _ml.Data.LoadFromEnumerable(Array.Empty<DateExample>()))).Message, StringComparison.Ordinal);
    }
}
