using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files;
using Sconce.Tests;
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
        Assert.Equal(Scores(model.Transform(labelled, "Score")), Scores(model.Transform(unlabelled, "Score")));
    }

    [Fact]
    public void The_report_agrees_with_the_scores()
    {
        using var folder = new TemporaryFolder();
        var test = _ml.Data.TakeRows(_ml.Data.LoadMnist().Test, 300);
        _ml.Model.SaveAtomically(Fit(), test.Schema, folder.PathOf("model.zip"));
        using var model = ModelFile.Load(_ml, folder.PathOf("model.zip"));
        var report = ClassificationReport.Evaluate(_ml, model, test);

        var scores = Scores(model.Transform(test, "Score"));
        var labels = test.GetColumn<uint>("Label").ToList();
        Assert.Equal(300, report.Rows);
        Assert.Equal(labels.Zip(scores).Count(pair => Array.IndexOf(pair.Second, pair.Second.Max()) == pair.First) / 300d, report.Accuracy, 12);
        Assert.Equal(labels.Zip(scores).Average(pair => -Math.Log(pair.Second[pair.First])), report.LogLoss, 5);
    }

    [Fact]
    public void Evaluation_without_labels_is_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        var labelled = _ml.Data.TakeRows(_ml.Data.LoadMnist().Test, 20);
        _ml.Model.SaveAtomically(Fit(), labelled.Schema, folder.PathOf("model.zip"));
        using var model = ModelFile.Load(_ml, folder.PathOf("model.zip"));
        var unlabelled = _ml.Transforms.SelectColumns("Image").Fit(labelled).Transform(labelled);
        var error = Assert.Throws<InvalidDataException>(() => ClassificationReport.Evaluate(_ml, model, unlabelled));
        Assert.Contains("needs the column 'Label'", error.Message, StringComparison.Ordinal);
        Assert.Contains("Its columns are: Image", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The features are made of a column that the file has not: zeros in its place would give scores, but not of these rows.</summary>
    [Fact]
    public void A_column_that_the_scores_are_made_of_is_never_invented()
    {
        using var folder = new TemporaryFolder();
        var data = _ml.Data.TakeRows(_ml.Data.LoadMnist().Test, 200);
        var pipeline = _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.Transforms.Conversion.ConvertType("Features", "Image", DataKind.Single))
            .Append(_ml.MulticlassClassification.Trainers.SoftmaxRegression(new SoftmaxRegression.Options { NumberOfSteps = 5 }));
        _ml.Model.SaveAtomically(pipeline.Fit(data), data.Schema, folder.PathOf("model.zip"));
        File.WriteAllText(folder.PathOf("rows.csv"), "Images,Label\n0,0\n");
        var error = Assert.Throws<InvalidDataException>(() => FileScorer.Score(_ml, folder.PathOf("model.zip"), [folder.PathOf("rows.csv")], folder.PathOf("out.csv"), new() { CancellationToken = TestContext.Current.CancellationToken }));
        Assert.Contains("rows.csv' has no column 'Image' (did you mean 'Images'?)", error.Message, StringComparison.Ordinal);
        Assert.Contains("model.zip' reads (Vector<Byte, 28, 28>", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.PathOf("out.csv")));
    }

    /// <summary>Pipelines may end in MapKeyToValue over the predicted key, and may be chains within chains.</summary>
    [Fact]
    public void Labels_are_right_whatever_the_pipeline_makes_of_them()
    {
        using var folder = new TemporaryFolder();
        var data = _ml.Data.TakeRows(_ml.Data.LoadMnist().Test, 200);
        var pipeline = _ml.Transforms.CopyColumns("Copy", "Image")
            .Append(DigitPipeline.Create(_ml, new SoftmaxRegression.Options { NumberOfSteps = 100 }))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        _ml.Model.SaveAtomically(pipeline.Fit(data), data.Schema, folder.PathOf("model.zip"));
        using var model = ModelFile.Load(_ml, folder.PathOf("model.zip"));
        ColumnFile.Write(data, ["Image"], folder.PathOf("images.idx"), cancellation: TestContext.Current.CancellationToken);
        FileScorer.Score(_ml, folder.PathOf("model.zip"), [folder.PathOf("images.idx")], folder.PathOf("out.csv"), new() { CancellationToken = TestContext.Current.CancellationToken });
        var expected = Scores(model.Transform(data, "Score")).Select(score => Array.IndexOf(score, score.Max()).ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(expected, File.ReadLines(folder.PathOf("out.csv")).Skip(1).Select(line => line.Split(',')[0]));
    }

    private ITransformer Fit() => DigitPipeline.Create(_ml, new SoftmaxRegression.Options { NumberOfSteps = 20 }).Fit(_ml.Data.TakeRows(_ml.Data.LoadMnist().Train, 1_000));

    private static List<float[]> Scores(IDataView data) => [.. data.GetColumn<float[]>("Score")];
}
