using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Networks;

public sealed class TabularNetworkTests
{
    private readonly MLContext _ml = new(seed: 1);

    /// <summary>A category turns what a number means around: no network without both can tell.</summary>
    private IDataView Rows(int count = 1_500, int seed = 1)
    {
        var random = new Random(seed);
        var rows = Enumerable.Range(0, count).Select(_ =>
        {
            var (first, second) = (random.NextSingle() * 1_000, random.NextSingle());
            var kind = random.Next(4) switch { 0 => "up", 1 => "down", 2 => "flat", _ => "" };
            var isTrue = kind switch { "up" => first > 600, "down" => first < 400, "flat" => second > 0.5f, _ => first > 200 };
            return new Row { Numbers = [first, second], Single = second, Flag = random.Next(2) == 0, Kind = kind, Label = isTrue, Amount = (isTrue ? 10 : -10) + second };
        }).ToList();
        return _ml.Transforms.Conversion.MapValueToKey("Kind").Fit(_ml.Data.LoadFromEnumerable(rows)).Transform(_ml.Data.LoadFromEnumerable(rows));
    }

    private static readonly string[] _features = ["Numbers", "Kind", "Single", "Flag"];

    private static TabularNetwork.Options Options => new() { FeatureColumnNames = _features, NumberOfEpochs = 40 };

    [Theory]
    [InlineData(NumberEmbedding.PiecewiseLinear)]
    [InlineData(NumberEmbedding.Periodic)]
    [InlineData(NumberEmbedding.None)]
    public void What_a_number_means_depends_on_the_category(NumberEmbedding embedding)
    {
        var data = _ml.Transforms.NormalizeMeanVariance("Numbers").Fit(Rows()).Transform(Rows());
        using var model = _ml.BinaryClassification.Trainers.TabularNetwork(Options with { Network = new() { NumberEmbedding = embedding } }).Fit(data);
        var accuracy = _ml.BinaryClassification.Evaluate(model.Transform(data)).Accuracy;
        Assert.True(accuracy > (embedding == NumberEmbedding.PiecewiseLinear ? 0.95 : 0.85), $"{accuracy}");
    }

    [Fact]
    public void A_loaded_model_and_single_rows_give_the_same_scores()
    {
        var data = Rows(300);
        using var model = _ml.BinaryClassification.Trainers.TabularNetwork(Options with { NumberOfEpochs = 2 }).Fit(data);
        using var zip = new MemoryStream();
        _ml.Model.Save(model, data.Schema, zip);
        var loaded = _ml.Model.Load(zip, out _);
        using var disposable = (IDisposable)loaded;
        var scores = model.Transform(data).GetColumn<float>("Score").ToList();
        Assert.Equal(scores, loaded.Transform(data).GetColumn<float>("Score"));

        var mapper = loaded.GetRowToRowMapper(data.Schema);
        using var cursor = data.GetRowCursor(data.Schema);
        using var row = mapper.GetRow(cursor, mapper.OutputSchema);
        var getter = row.GetGetter<float>(mapper.OutputSchema["Score"]);
        for (var i = 0; cursor.MoveNext(); i++)
        {
            float score = 0;
            getter(ref score);
            Assert.Equal(scores[i], score, 1e-4f);
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_network_and_members_differ()
    {
        var data = Rows(300);
        var options = Options with { NumberOfEpochs = 2 };
        using var first = new MLContext(seed: 7).BinaryClassification.Trainers.TabularNetwork(options).Fit(data);
        using var second = new MLContext(seed: 7).BinaryClassification.Trainers.TabularNetwork(options).Fit(data);
        Assert.Equal(first.Transform(data).GetColumn<float>("Score"), second.Transform(data).GetColumn<float>("Score"));
        using var single = new MLContext(seed: 7).BinaryClassification.Trainers.TabularNetwork(options with { Network = new() { Members = 1 } }).Fit(data);
        Assert.NotEqual(first.Transform(data).GetColumn<float>("Score"), single.Transform(data).GetColumn<float>("Score"));
    }

    [Fact]
    public void Classes_and_numbers_are_predicted_too()
    {
        var data = Rows();
        using var regression = _ml.Regression.Trainers.TabularNetwork(new() { FeatureColumnNames = _features, LabelColumnName = "Amount" }).Fit(data);
        Assert.True(_ml.Regression.Evaluate(regression.Transform(data), "Amount").RSquared > 0.8);
        using var quantiles = _ml.Regression.Trainers.TabularNetwork(new() { FeatureColumnNames = _features, LabelColumnName = "Amount", Quantiles = [0.1, 0.9], NumberOfEpochs = 3 }).Fit(data);
        Assert.All(quantiles.Transform(data).GetColumn<float[]>("Quantiles"), row => Assert.True(row[0] <= row[1]));
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Class", "Label").Fit(data).Transform(data);
        using var classes = _ml.MulticlassClassification.Trainers.TabularNetwork(Options with { LabelColumnName = "Class" }).Fit(keyed);
        Assert.True(_ml.MulticlassClassification.Evaluate(classes.Transform(keyed), "Class").MicroAccuracy > 0.95);
        Assert.All(classes.Transform(keyed).GetColumn<float[]>("Score"), row => Assert.Equal(1, row.Sum(), 1e-5));
    }

    [Fact]
    public void Another_network_reads_categories_one_hot()
    {
        var data = Rows(200);
        var columns = _ml.Transforms.Conversion.MapKeyToVector("Hot", "Kind").Append(_ml.Transforms.Conversion.ConvertType("Number", "Flag"))
            .Append(_ml.Transforms.Concatenate("Features", "Numbers", "Hot", "Single", "Number")).Fit(data).Transform(data);
        var options = new DenseNetwork.Options { NumberOfEpochs = 2, Seed = 3 };
        using var several = _ml.BinaryClassification.Trainers.DenseNetwork(options with { FeatureColumnNames = _features }).Fit(data);
        using var one = _ml.BinaryClassification.Trainers.DenseNetwork(options).Fit(columns);
        Assert.Equal(one.Transform(columns).GetColumn<float>("Score"), several.Transform(data).GetColumn<float>("Score"));
    }

    [Fact]
    public void A_single_vector_is_read_as_numbers()
    {
        var data = Rows(300);
        using var model = _ml.Regression.Trainers.TabularNetwork(new() { FeatureColumnName = "Numbers", LabelColumnName = "Single", NumberOfEpochs = 20 }).Fit(data);
        Assert.True(_ml.Regression.Evaluate(model.Transform(data), "Single").RSquared > 0.9);
    }

    [Theory]
    [InlineData(new string[0], "FeatureColumnNames")]
    [InlineData(new[] { "Numbers", "Numbers" }, "FeatureColumnNames")]
    [InlineData(new[] { "Numbers", "Label" }, "FeatureColumnNames")]
    public void Columns_that_cannot_be_features_are_refused(string[] features, string property)
    {
        var refused = Assert.Throws<ArgumentException>(() => _ml.BinaryClassification.Trainers.TabularNetwork(Options with { FeatureColumnNames = features }));
        Assert.Equal(property, refused.ParamName);
    }

    [Fact]
    public void Columns_of_other_types_and_values_that_are_not_finite_are_named()
    {
        var other = Assert.Throws<ArgumentException>(() => _ml.BinaryClassification.Trainers.TabularNetwork(Options with { FeatureColumnNames = ["Text"] }).Fit(Rows(10)));
        Assert.Equal("Text", Sconce.ErrorFacts.Of(other).Column);
        var rows = _ml.Data.LoadFromEnumerable([new Row { Numbers = [1, 2], Label = true }, new Row { Numbers = [1, float.NaN] }]);
        var bad = Assert.Throws<InvalidDataException>(() => _ml.BinaryClassification.Trainers.TabularNetwork(Options with { FeatureColumnNames = ["Numbers"] }).Fit(rows));
        Assert.Equal(("Numbers", 2L), (Sconce.ErrorFacts.Of(bad).Column, Sconce.ErrorFacts.Of(bad).Row));
    }

    [Fact]
    public void Other_keys_than_in_the_training_are_refused()
    {
        using var model = _ml.BinaryClassification.Trainers.TabularNetwork(Options with { NumberOfEpochs = 1 }).Fit(Rows(200));
        var others = _ml.Transforms.Conversion.MapValueToKey("Kind").Fit(_ml.Data.LoadFromEnumerable([new Row { Kind = "new" }])).Transform(_ml.Data.LoadFromEnumerable([new Row { Kind = "new", Numbers = [1, 2] }]));
        Assert.Equal("Kind", Sconce.ErrorFacts.Of(Assert.Throws<ArgumentException>(() => model.Transform(others))).Column);
    }

    private sealed class Row
    {
        [VectorType(2)]
        public float[] Numbers { get; set; } = [0, 0];

        public float Single { get; set; }

        public bool Flag { get; set; }

        public string Kind { get; set; } = "";

        public string Text { get; set; } = "";

        public bool Label { get; set; }

        public float Amount { get; set; }
    }
}
