using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Pipelines.Tests.Data;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tests;

public class ModelFileTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void A_model_without_one_of_our_networks_is_refused()
    {
        using var folder = new TemporaryFolder();
        var data = _ml.Data.TakeRows(_ml.Data.LoadMnist().Test, 10);
        _ml.Model.Save(_ml.Transforms.CopyColumns("Copy", "Label").Fit(data), data.Schema, folder.PathOf("plain.zip"));
        var error = Assert.Throws<InvalidDataException>(() => ModelFile.Load(_ml, folder.PathOf("plain.zip")));
        Assert.Contains("plain.zip", error.Message, StringComparison.Ordinal);
        Assert.Contains("without one of Sconce's networks", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_its_schema_is_refused()
    {
        using var folder = new TemporaryFolder();
        _ml.Model.SaveAtomically(Fit(), null, folder.PathOf("bare.zip"));
        var error = Assert.Throws<InvalidDataException>(() => ModelFile.Load(_ml, folder.PathOf("bare.zip")));
        Assert.Contains("bare.zip", error.Message, StringComparison.Ordinal);
        Assert.Contains("without the schema of its input", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The pipeline maps the label to a key first, so it wants to see a label even where there is none to see.</summary>
    [Fact]
    public void Data_without_a_label_is_scored_as_with_it()
    {
        using var folder = new TemporaryFolder();
        var labelled = _ml.Data.TakeRows(_ml.Data.LoadMnist().Test, 300);
        _ml.Model.SaveAtomically(Fit(), labelled.Schema, folder.PathOf("model.zip"));
        using var model = ModelFile.Load(_ml, folder.PathOf("model.zip"));

        var unlabelled = _ml.Transforms.SelectColumns("Image").Fit(labelled).Transform(labelled);
        Assert.Null(unlabelled.Schema.GetColumnOrNull("Label"));
        Assert.Equal(Scores(model.Transform(labelled)), Scores(model.Transform(unlabelled)));
    }

    [Fact]
    public void The_report_agrees_with_the_scores()
    {
        using var folder = new TemporaryFolder();
        var test = _ml.Data.TakeRows(_ml.Data.LoadMnist().Test, 300);
        _ml.Model.SaveAtomically(Fit(), test.Schema, folder.PathOf("model.zip"));
        using var model = ModelFile.Load(_ml, folder.PathOf("model.zip"));
        var report = ClassificationReport.Evaluate(_ml, model, test);

        var scores = Scores(model.Transform(test));
        var labels = test.GetColumn<uint>("Label").ToList();
        Assert.Equal(300, report.Rows);
        Assert.Equal(labels.Zip(scores).Count(pair => Array.IndexOf(pair.Second, pair.Second.Max()) == pair.First) / 300d, report.Accuracy, 12);
        Assert.Equal(labels.Zip(scores).Average(pair => -Math.Log(pair.Second[pair.First])), report.LogLoss, 5);
    }

    private ITransformer Fit() => DigitPipeline.Create(_ml, new SoftmaxRegression.Options { NumberOfSteps = 20 }).Fit(_ml.Data.TakeRows(_ml.Data.LoadMnist().Train, 1_000));

    private static List<float[]> Scores(IDataView data) => [.. data.GetColumn<float[]>("Score")];
}
