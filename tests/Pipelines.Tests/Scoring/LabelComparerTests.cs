using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files.Rows;
using Sconce.Pipelines.Metrics;

namespace Sconce.Pipelines.Tests.Scoring;

/// <summary>Counts and sums that add up, against what ML.NET's own evaluators find in one go.</summary>
public class LabelComparerTests
{
    private const int Rows = 300;

    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Classes_are_compared_as_ML_NETs_evaluator_does()
    {
        var random = new Random(1);
        List<ClassRow> rows = [.. Enumerable.Range(0, Rows).Select(_ => new ClassRow { Label = $"{random.Next(3)}", Values = [random.NextSingle(), random.NextSingle()] })];
        var data = _ml.Data.LoadFromEnumerable(rows);
        var model = _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(featureColumnName: "Values")).Fit(data);
        var scored = model.Transform(data);
        var expected = _ml.MulticlassClassification.Evaluate(scored);
        var found = Compare(_ml.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(scored).Transform(scored), ["PredictedLabel", "Score"], rows.Select(row => row.Label));
        Assert.Equal((Rows, 0), (found.Rows, found.Unlabelled));
        Assert.Equal(expected.MicroAccuracy, found.Accuracy!.Value, 1e-12);
        Assert.Equal(expected.LogLoss, found.LogLoss!.Value, 1e-9);
        // The evaluator has them in the order of the keys, as they were met.
        var keys = rows.Select(row => row.Label).Distinct().Select(label => found.Classes.Single(each => each.Name == label)).ToList();
        Assert.Equal(expected.ConfusionMatrix.PerClassRecall, keys.Select(each => each.Recall));
        Assert.Equal(expected.ConfusionMatrix.PerClassPrecision, keys.Select(each => each.Precision));
        Assert.Null(found.MeanAbsoluteError);
    }

    [Theory]
    [InlineData("True", "False")]
    [InlineData("1", "0")]
    [InlineData("1.0", "0.0")]
    [InlineData("yes", "no")]
    public void Truth_values_are_compared_however_they_are_written(string yes, string no)
    {
        var random = new Random(2);
        List<TruthRow> rows = [.. Enumerable.Range(0, Rows).Select(_ => new TruthRow { Label = random.Next(2) == 0, Values = [random.NextSingle(), random.NextSingle()] })];
        var data = _ml.Data.LoadFromEnumerable(rows);
        var scored = _ml.BinaryClassification.Trainers.LbfgsLogisticRegression(featureColumnName: "Values").Fit(data).Transform(data);
        var expected = _ml.BinaryClassification.Evaluate(scored);
        var found = Compare(scored, ["PredictedLabel", "Score", "Probability"], rows.Select(row => row.Label ? yes : no));
        Assert.Equal(expected.Accuracy, found.Accuracy!.Value, 1e-12);
        // ML.NET's is in bits there.
        Assert.Equal(expected.LogLoss * Math.Log(2), found.LogLoss!.Value, 1e-6);
        Assert.Equal(expected.PositiveRecall, found.Classes[1].Recall, 1e-12);
    }

    [Fact]
    public void Numbers_are_compared_as_ML_NETs_evaluator_does()
    {
        var random = new Random(3);
        List<NumberRow> rows = [.. Enumerable.Range(0, Rows).Select(_ => new NumberRow { Label = 10 * random.NextSingle(), Values = [random.NextSingle(), random.NextSingle()] })];
        var data = _ml.Data.LoadFromEnumerable(rows);
        var scored = _ml.Regression.Trainers.LbfgsPoissonRegression(featureColumnName: "Values").Fit(data).Transform(data);
        var expected = _ml.Regression.Evaluate(scored);
        // The evaluator's sums are of floats.
        var found = Compare(scored, ["Score"], rows.Select(row => row.Label.ToString(CultureInfo.InvariantCulture)));
        Assert.Equal(expected.MeanAbsoluteError, found.MeanAbsoluteError!.Value, 1e-6);
        Assert.Equal(expected.RootMeanSquaredError, found.RootMeanSquaredError!.Value, 1e-6);
        Assert.Equal(expected.RSquared, found.RSquared!.Value, 1e-6);
        Assert.Null(found.Accuracy);
    }

    /// <summary>Clusters have distances there, and some models vectors of any length.</summary>
    [Fact]
    public void Values_without_names_are_no_probabilities()
    {
        var clusters = Compare(_ml.Data.LoadFromEnumerable([new Cluster { PredictedLabel = "1", Score = [0.25f, 0.75f] }]), ["PredictedLabel", "Score"], ["1"]);
        var lists = Compare(_ml.Data.LoadFromEnumerable([new List { PredictedLabel = "1", Score = [0.25f, 0.75f] }]), ["PredictedLabel", "Score"], ["1"]);
        foreach (var found in (LabelComparison[])[clusters, lists])
            Assert.Equal((1.0, null), (found.Accuracy, found.LogLoss));
    }

    /// <summary>What a run that is resumed relies on.</summary>
    [Fact]
    public void Parts_add_up_and_survive_a_manifest()
    {
        var (one, other) = (Of(("a", "a"), ("a", "b"), ("", "a")), Of(("b", "b"), ("c", "a")));
        var whole = Of(("a", "a"), ("a", "b"), ("", "a"), ("b", "b"), ("c", "a"));
        var added = JsonSerializer.Deserialize<LabelComparison>(JsonSerializer.Serialize(one))!.Add(other);
        Assert.Equal(JsonSerializer.Serialize(whole), JsonSerializer.Serialize(added));
        Assert.Equal((4, 1, 0.5), (added.Rows, added.Unlabelled, added.Accuracy));
    }

    [Fact]
    public void Columns_that_no_label_can_be_compared_with_are_refused()
    {
        var schema = new DataViewSchema.Builder();
        schema.AddColumn("Code", new VectorDataViewType(NumberDataViewType.Single, 3));
        var refusal = Assert.Throws<ArgumentException>(() => new LabelComparer(schema.ToSchema()));
        Assert.Contains("the column 'PredictedLabel', or 'Score' as one number, but neither", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Code of Vector<Single, 3>", refusal.Message, StringComparison.Ordinal);
    }

    private LabelComparison Of(params (string Label, string Prediction)[] rows)
    {
        var data = _ml.Data.LoadFromEnumerable(rows.Select(row => new Prediction { PredictedLabel = row.Prediction }));
        return Compare(data, ["PredictedLabel"], rows.Select(row => row.Label));
    }

    private static LabelComparison Compare(IDataView scored, IReadOnlyList<string> columns, IEnumerable<string> labels)
    {
        using var source = new CursorBatches(scored, [.. columns.Select(name => scored.Schema[name])], Rows);
        var batch = source.Take(Rows);
        var texts = (FixedValues<ReadOnlyMemory<char>>)ColumnValues.Create("Label", TextDataViewType.Instance, batch.Count);
        foreach (var (row, label) in labels.Index())
            texts.Row(row)[0] = label.AsMemory();
        return new LabelComparer(batch.Schema).Compare(texts, batch);
    }

    private sealed class ClassRow
    {
        public string Label { get; set; } = "";

        [VectorType(2)]
        public float[] Values { get; set; } = [];
    }

    private sealed class TruthRow
    {
        public bool Label { get; set; }

        [VectorType(2)]
        public float[] Values { get; set; } = [];
    }

    private sealed class NumberRow
    {
        public float Label { get; set; }

        [VectorType(2)]
        public float[] Values { get; set; } = [];
    }

    private sealed class Prediction
    {
        public string PredictedLabel { get; set; } = "";
    }

    private sealed class Cluster
    {
        public string PredictedLabel { get; set; } = "";

        [VectorType(2)]
        public float[] Score { get; set; } = [];
    }

    private sealed class List
    {
        public string PredictedLabel { get; set; } = "";

        public float[] Score { get; set; } = [];
    }
}
