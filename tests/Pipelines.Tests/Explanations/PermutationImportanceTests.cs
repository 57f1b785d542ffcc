using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Pipelines.Explanations;
using Sconce.Tests;

namespace Sconce.Pipelines.Tests.Explanations;

public sealed class PermutationImportanceTests
{
    private readonly MLContext _ml = new(seed: 1);

    /// <summary>For y = 3a + b + c with independent columns, permuting adds 2 w² var(x) to the squared error (Fisher et al. 2019).</summary>
    [Fact]
    public void The_importance_in_a_linear_model_is_the_analytic_one()
    {
        var data = _ml.Data.LoadFromEnumerable(Numbers(4000, row => 3 * row.A + row.B));
        var found = PermutationImportance.Of(_ml, Linear(data), data, new() { Repeats = 10 });
        Assert.Equal(("root mean squared error", 4000L, 10), (found.Metric, found.Rows, found.Repeats));
        Assert.Equal(["A", "B", "Noise"], found.Columns.Select(column => column.Name));
        Assert.InRange(found.Baseline, 0, 0.05);
        // The variance of a uniform number in [0, 1) is 1/12.
        Assert.Equal(3 * Math.Sqrt(2 / 12.0), found.Columns[0].Mean + found.Baseline, 0.05);
        Assert.Equal(Math.Sqrt(2 / 12.0), found.Columns[1].Mean + found.Baseline, 0.03);
        Assert.Equal(0, found.Columns[2].Mean, 0.01);
        Assert.All(found.Columns, column => Assert.InRange(column.Deviation, 0, 0.05));
    }

    [Fact]
    public void A_column_that_tells_nothing_of_a_class_has_none_within_its_spread()
    {
        List<Row> rows = [.. Numbers(600, _ => 0)];
        rows.ForEach(row => (row.IsPositive, row.Kind) = (row.A > 0.5, row.B > 0.5 ? "high" : "low"));
        var data = _ml.Data.LoadFromEnumerable(rows);
        var binary = _ml.Transforms.CopyColumns("Label", nameof(Row.IsPositive))
            .Append(_ml.Transforms.Concatenate("Features", "A", "B", "Noise"))
            .Append(_ml.BinaryClassification.Trainers.LbfgsLogisticRegression()).Fit(data);
        var found = PermutationImportance.Of(_ml, binary, data);
        Assert.Equal("area under the curve", found.Metric);
        Assert.Equal("A", found.Columns[0].Name);
        Assert.InRange(found.Columns[0].Mean, 0.35, 0.6);
        Assert.All(found.Columns.Skip(1), column => Assert.InRange(Math.Abs(column.Mean), 0, 0.01 + (3 * column.Deviation)));
        Assert.DoesNotContain(found.Columns, column => column.Name == nameof(Row.IsPositive));

        using var classes = _ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Kind))
            .Append(_ml.Transforms.Concatenate("Features", "A", "B", "Noise"))
            .Append(_ml.MulticlassClassification.Trainers.SoftmaxRegression()).Fit(data);
        found = PermutationImportance.Of(_ml, classes, data);
        Assert.Equal(("log-loss", "B"), (found.Metric, found.Columns[0].Name));
    }

    [Fact]
    public void The_same_seed_gives_the_same_and_groups_go_together()
    {
        var data = _ml.Data.LoadFromEnumerable(Numbers(300, row => row.A + row.B));
        var model = Linear(data);
        var options = new PermutationImportanceOptions { Groups = new Dictionary<string, IReadOnlyList<string>> { ["both"] = ["A", "B"] }, MaximumRows = 100 };
        var found = PermutationImportance.Of(_ml, model, data, options);
        Assert.Equal(["both", "Noise"], found.Columns.Select(column => column.Name));
        Assert.Equal(100, found.Rows);
        var again = PermutationImportance.Of(_ml, model, data, options);
        Assert.Equal(found.Columns.Select(column => (column.Mean, column.Deviation)), again.Columns.Select(column => (column.Mean, column.Deviation)));
    }

    [Fact]
    public void Only_the_permuted_column_has_other_values()
    {
        List<Row> rows = [.. Numbers(50, row => row.A)];
        var held = HeldRows.Take(_ml.Data.LoadFromEnumerable(rows), ["A", "B", "Kind", "Pair"], null, seed: 1);
        var permuted = held.With(["A", "Pair"], row => 49 - row);
        Assert.Equal(rows.Select(row => row.A).Reverse(), permuted.GetColumn<float>("A"));
        Assert.Equal(rows.Select(row => row.B), permuted.GetColumn<float>("B"));
        Assert.Equal(rows.Select(row => row.Kind), permuted.GetColumn<string>("Kind"));
        Assert.Equal(rows.Select(row => row.Pair).Reverse(), permuted.GetColumn<float[]>("Pair"));
        Assert.Equal(rows.Select(row => row.A), held.GetColumn<float>("A"));
        Assert.Equal(7, HeldRows.Take(_ml.Data.LoadFromEnumerable(rows), ["A"], 7, seed: 1).Count);
    }

    [Fact]
    public void What_cannot_be_measured_is_refused()
    {
        List<Row> rows = [.. Numbers(20, row => row.A)];
        var data = _ml.Data.LoadFromEnumerable(rows);
        var model = Linear(data);
        var refused = Assert.Throws<ArgumentException>(() => PermutationImportance.Of(_ml, model, data, new() { LabelColumnName = "Labell" }));
        Assert.Equal((nameof(PermutationImportanceOptions.LabelColumnName), "Labell"), (ErrorFacts.Of(refused).Property, ErrorFacts.Of(refused).Column));
        Assert.Contains("did you mean 'Label'?", refused.Message, StringComparison.Ordinal);

        refused = Assert.Throws<ArgumentException>(() => PermutationImportance.Of(_ml, model, data, new() { Groups = new Dictionary<string, IReadOnlyList<string>> { ["x"] = ["Noisy"] } }));
        Assert.Equal((nameof(PermutationImportanceOptions.Groups), "Noisy"), (ErrorFacts.Of(refused).Property, ErrorFacts.Of(refused).Column));
        Assert.Contains("did you mean 'Noise'?", refused.Message, StringComparison.Ordinal);

        var file = ModelFile.Of("linear.zip", model, data.Schema);
        refused = Assert.Throws<ArgumentException>(() => PermutationImportance.Of(_ml, file, _ml.Transforms.DropColumns("B").Fit(data).Transform(data)));
        Assert.Equal("B", ErrorFacts.Of(refused).Column);
        refused = Assert.Throws<ArgumentException>(() => PermutationImportance.Of(_ml, file, _ml.Transforms.DropColumns("Label").Fit(data).Transform(data)));
        Assert.Equal("Label", ErrorFacts.Of(refused).Column);

        Assert.Throws<InvalidDataException>(() => PermutationImportance.Of(_ml, model, _ml.Data.LoadFromEnumerable(new List<Row>())));
        rows.ForEach(row => row.Label = float.NaN);
        var unlabeled = Assert.Throws<InvalidDataException>(() => PermutationImportance.Of(_ml, model, _ml.Data.LoadFromEnumerable(rows)));
        Assert.Equal("Label", ErrorFacts.Of(unlabeled).Column);
        Assert.Throws<ArgumentOutOfRangeException>(() => PermutationImportance.Of(_ml, model, data, new() { Repeats = 0 }));
    }

    [Fact]
    public void A_run_folder_keeps_it()
    {
        using var folder = new TemporaryFolder();
        Assert.Null(PermutationImportance.Load(folder.FullName));
        var data = _ml.Data.LoadFromEnumerable(Numbers(50, row => row.A));
        var found = PermutationImportance.Of(_ml, Linear(data), data);
        found.Save(folder.FullName);
        Assert.Equal(found.ToString(), PermutationImportance.Load(folder.FullName)!.ToString());
        File.WriteAllText(folder.PathOf(PermutationImportance.FileName), "{");
        Assert.Throws<InvalidDataException>(() => PermutationImportance.Load(folder.FullName));
    }

    /// <summary>By hand: of the four pairs, two are in order, one is not, and one is a tie.</summary>
    [Fact]
    public void Ties_count_half_in_the_area_under_the_curve() =>
        Assert.Equal(2.5 / 4, ScoreMetric.AreaUnderCurve([(0.1, false), (0.5, true), (0.5, false), (0.3, true)]), 1e-12);

    private TransformerChain<RegressionPredictionTransformer<Microsoft.ML.Trainers.LinearRegressionModelParameters>> Linear(IDataView data) =>
        _ml.Transforms.Concatenate("Features", "A", "B", "Noise").Append(_ml.Regression.Trainers.Sdca(maximumNumberOfIterations: 200)).Fit(data);

    private static IEnumerable<Row> Numbers(int count, Func<Row, float> label)
    {
        var random = new Random(1);
        for (var i = 0; i < count; i++)
        {
            var row = new Row { A = random.NextSingle(), B = random.NextSingle(), Noise = random.NextSingle(), Kind = i % 2 == 0 ? "even" : "odd", Pair = [i, -i] };
            row.Label = label(row);
            yield return row;
        }
    }

    internal sealed class Row
    {
        public float A { get; set; }

        public float B { get; set; }

        public float Noise { get; set; }

        public string Kind { get; set; } = "";

        [VectorType(2)]
        public float[] Pair { get; set; } = [0, 0];

        public bool IsPositive { get; set; }

        public float Label { get; set; }
    }
}
