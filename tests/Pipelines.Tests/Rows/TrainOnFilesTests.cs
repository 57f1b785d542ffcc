using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Tests;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tests.Rows;

/// <summary>Models are trained on files of any format, as on what is in memory.</summary>
public sealed class TrainOnFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("digits.parquet")]
    [InlineData("digits.csv")]
    public void A_model_of_rows_of_pixels_is_trained_saved_and_loaded(string name)
    {
        var path = _folder.PathOf(name);
        var data = _ml.Data.TakeRows(_ml.Data.LoadMnistTest(), 600);
        Assert.Equal(600, _ml.Data.SaveRows(data, path));
        var rows = _ml.Data.LoadRows(path, new() { Columns = [new("Label", NumberDataViewType.UInt32), new("Features", NumberDataViewType.Single) { Fields = ["Image.*"] }] });
        Assert.Equal(784, ((VectorDataViewType)rows.Schema["Features"].Type).Size);
        var pipeline = _ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(_ml.MulticlassClassification.Trainers.SoftmaxRegression(new SoftmaxRegression.Options { NumberOfSteps = 100 }));
        var model = pipeline.Fit(rows);
        Assert.True(_ml.MulticlassClassification.Evaluate(model.Transform(rows)).MicroAccuracy > 0.8);
        _ml.Model.Save(model, rows.Schema, _folder.PathOf("model.zip"));
        var loaded = _ml.Model.Load(_folder.PathOf("model.zip"), out _);
        Assert.Equal(Scores(model.Transform(rows)), Scores(loaded.Transform(rows)));
        // The same rows from memory give the same model.
        var held = _ml.Data.LoadFromEnumerable(_ml.Data.CreateEnumerable<Digit>(rows, reuseRowObject: false).ToList());
        Assert.Equal(Scores(model.Transform(rows)), Scores(pipeline.Fit(held).Transform(held)));
    }

    /// <summary>Rows that do not fit into memory are read from the files in each epoch, shuffled, and in the same order for the same seed.</summary>
    [Fact]
    public void Rows_that_do_not_fit_into_memory_are_read_again()
    {
        _ml.Data.SaveRows(_ml.Data.TakeRows(_ml.Data.LoadMnistTest(), 600), _folder.PathOf("digits.parquet"));
        var rows = _ml.Data.LoadRows(_folder.PathOf("digits.parquet"));
        var pipeline = _ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(_ml.MulticlassClassification.Trainers.SoftmaxRegression(new SoftmaxRegression.Options { FeatureColumnName = "Image", NumberOfSteps = 100, MemoryBudget = 100_000 }));
        var scores = Scores(pipeline.Fit(rows).Transform(rows));
        Assert.Equal(scores, Scores(pipeline.Fit(rows).Transform(rows)));
    }

    private static List<float> Scores(IDataView scored) => [.. scored.GetColumn<float[]>("Score").SelectMany(score => score)];

    private sealed class Digit
    {
        public uint Label { get; set; }

        [VectorType(784)]
        public float[] Features { get; set; } = [];
    }
}
