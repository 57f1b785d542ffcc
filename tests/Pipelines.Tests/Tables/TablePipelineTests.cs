using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tests.Tables;

public sealed class TablePipelineTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Titanic_is_learned_saved_and_scored_without_its_label()
    {
        var data = _ml.Data.LoadTitanic();
        var split = TableSplit.Of(data, new() { StratifyColumnName = "survived" });
        var model = TablePipeline.Create(_ml, data.Schema, new() { LabelColumnName = "survived", IgnoredColumnNames = ["alive"] }).Fit(split.Train);
        using var owner = (IDisposable)model;
        Assert.True(_ml.BinaryClassification.Evaluate(model.Transform(split.Test), "survived").AreaUnderRocCurve > 0.8);

        using var zip = new MemoryStream();
        _ml.Model.Save(model, data.Schema, zip);
        var loaded = _ml.Model.Load(zip, out _);
        using var other = (IDisposable)loaded;
        var unlabeled = _ml.Transforms.DropColumns("survived", "alive").Fit(split.Test).Transform(split.Test);
        Assert.Equal(model.Transform(split.Test).GetColumn<float>("Score"), loaded.Transform(unlabeled).GetColumn<float>("Score"));
    }

    [Fact]
    public void Each_task_has_its_columns()
    {
        var data = Rows();
        Assert.True(Fit(data, new() { Task = TableTask.Regression, LabelColumnName = "Amount" }, model => _ml.Regression.Evaluate(model.Transform(data), "Amount").RSquared) > 0.5);
        Assert.True(Fit(data, new() { Task = TableTask.Multiclass, LabelColumnName = "Kind" }, model => _ml.MulticlassClassification.Evaluate(model.Transform(data), "Kind").MicroAccuracy) > 0.5);
        Assert.Equal(["yes", "no"], Fit(data, new() { LabelColumnName = "Answer", PositiveValue = "no", IgnoredColumnNames = ["Flag"] }, model => ValuesOf(model.Transform(data).Schema["PredictedLabel"])));
        var several = new TablePipelineOptions { Task = TableTask.MultiLabel, LabelColumnNames = ["Flag", "Answer"], LabelColumnName = "Labels" };
        Assert.Equal(["Flag", "Answer"], Fit(data, several, model => SlotsOf(model.Transform(data).Schema["Probability"])));
        var quantiles = new TablePipelineOptions { Task = TableTask.Regression, LabelColumnName = "Amount", Quantiles = [0.25, 0.75], ExampleWeightColumnName = "Whole" };
        Assert.All(Fit(data, quantiles, model => model.Transform(data).GetColumn<float[]>("Quantiles").ToList()), row => Assert.True(row[0] <= row[1]));
    }

    [Fact]
    public void Features_are_combined_for_trainers_of_MLNET()
    {
        var data = Rows();
        var options = new TablePipelineOptions
        {
            LabelColumnName = "Answer",
            CombinesFeatures = true,
            Kinds = new Dictionary<string, TableColumnKind> { ["Whole"] = TableColumnKind.Category, ["Words"] = TableColumnKind.Text, ["Date"] = TableColumnKind.Date },
            CreateTrainer = columns => _ml.BinaryClassification.Trainers.SdcaLogisticRegression(columns.Label, columns.Features.Single()),
        };
        var names = Fit(data, options, model => SlotsOf(model.Transform(data).Schema["Features"]));
        Assert.Contains("Numbers.Date day of week", names);
        Assert.Contains("Numbers.Amount", names);
        Assert.Contains("Whole (category) one-hot.3", names);
    }

    [Theory]
    [InlineData("Missing", null, "LabelColumnName", "Missing")]
    [InlineData("Answer", "Answer", "FeatureColumnNames", "Answer")]
    [InlineData("Answer", "Missing", "FeatureColumnNames", "Missing")]
    public void Columns_that_do_not_fit_are_named(string label, string? feature, string property, string column)
    {
        var refused = Assert.Throws<ArgumentException>(() => TablePipeline.Create(_ml, Rows().Schema, new() { LabelColumnName = label, FeatureColumnNames = feature is null ? null : [feature] }));
        Assert.Equal((property, column), (refused.ParamName, ErrorFacts.Of(refused).Column));
    }

    [Fact]
    public void Options_that_contradict_each_other_are_refused()
    {
        Assert.Equal("Quantiles", Refused(new() { LabelColumnName = "Answer", Quantiles = [0.5] }));
        Assert.Equal("ClassWeights", Refused(new() { LabelColumnName = "Amount", Task = TableTask.Regression, ClassWeights = ClassWeights.Balanced }));
        Assert.Equal("LabelColumnNames", Refused(new() { LabelColumnNames = ["Flag", "Answer"] }));
        Assert.Equal("LabelColumnName", Refused(new() { LabelColumnName = "Kind", Task = TableTask.Regression }));
        Assert.Equal("LabelColumnName", Refused(new() { LabelColumnName = "Kind", Task = TableTask.MultiLabel }));
        Assert.Equal("LabelColumnName", Refused(new() { LabelColumnName = "Kind", LabelColumnNames = ["Flag"], Task = TableTask.MultiLabel }));
        Assert.Equal("Kinds", Refused(new() { LabelColumnName = "Answer", Kinds = new Dictionary<string, TableColumnKind> { ["Whole"] = TableColumnKind.Text } }));
        Assert.Equal("ExampleWeightColumnName", Refused(new() { LabelColumnName = "Answer", ExampleWeightColumnName = "Kind" }));
    }

    private string? Refused(TablePipelineOptions options) => Assert.ThrowsAny<ArgumentException>(() => TablePipeline.Create(_ml, Rows().Schema, options)).ParamName;

    private T Fit<T>(IDataView data, TablePipelineOptions options, Func<ITransformer, T> look)
    {
        var model = TablePipeline.Create(_ml, data.Schema, options).Fit(data);
        using var owner = model as IDisposable;
        return look(model);
    }

    private static List<string> ValuesOf(DataViewSchema.Column column) => Texts(column, "BooleanValues");

    private static List<string> SlotsOf(DataViewSchema.Column column) => Texts(column, "SlotNames");

    private static List<string> Texts(DataViewSchema.Column column, string annotation)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        column.Annotations.GetValue(annotation, ref names);
        return [.. names.DenseValues().Select(name => $"{name}")];
    }

    private IDataView Rows()
    {
        var random = new Random(1);
        return _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 300).Select(i =>
        {
            var (kind, whole) = (i % 3, random.Next(1, 5));
            return new Row
            {
                Kind = $"kind {kind}",
                Whole = whole,
                Amount = kind + (whole * 0.5) + (random.NextDouble() / 10),
                Answer = random.Next(3) >= kind ? "yes" : "no",
                Flag = random.Next(2) == 0,
                Date = $"2024-0{1 + (i % 9)}-1{i % 10}",
                Words = kind == 0 ? "the quick brown fox" : "a lazy dog sleeps",
            };
        }).ToList());
    }

    private sealed class Row
    {
        public string Kind { get; set; } = "";

        public int Whole { get; set; }

        public double Amount { get; set; }

        public string Answer { get; set; } = "";

        public bool Flag { get; set; }

        public string Date { get; set; } = "";

        public string Words { get; set; } = "";
    }
}
