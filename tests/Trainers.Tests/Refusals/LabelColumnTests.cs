using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Refusals;

public class LabelColumnTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void A_missing_column_is_named_with_those_that_are_there()
    {
        foreach (var refused in Refusals("Nope"))
            Sentence.Has(refused, "Label column 'Nope' is not in the data", "The columns are: ", "Features", "Text");
    }

    [Theory]
    [InlineData("Text", "String")]
    [InlineData("Number", "Single")]
    [InlineData("Whole", "UInt32")]
    [InlineData("Flag", "Boolean")]
    [InlineData("Keys", "UInt32")]
    [InlineData("ByteKey", "Byte")]
    public void A_column_that_is_no_key_is_named_with_what_is_expected_and_what_mends_it(string column, string type)
    {
        foreach (var refused in Refusals(column))
            Sentence.Has(refused, $"Label column '{column}'", type, "a key of UInt32 is expected", "ml.Transforms.Conversion.MapValueToKey");
    }

    [Theory]
    [InlineData("Text")]
    [InlineData("Number")]
    [InlineData("Whole")]
    [InlineData("Flag")]
    public void What_is_said_to_mend_a_label_mends_it(string column)
    {
        using var model = _ml.Transforms.Conversion.MapValueToKey("Mended", column).Append(Trainer("Mended")).Fit(Data());
        Assert.NotNull(model.GetOutputSchema(Data().Schema).GetColumnOrNull("PredictedLabel"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void A_missing_value_is_named_by_its_row(int row)
    {
        var view = new GeneratedView<float>(10, [2], 3, (_, values) => values.Clear(), i => i == row ? 0u : (uint)(i % 3) + 1);
        var refused = Assert.Throws<InvalidDataException>(() => Trainer("Label").Fit(view));
        Assert.Equal((row + 1L, "Label"), (ErrorFacts.Of(refused).Row!.Value, ErrorFacts.Of(refused).Column));
        Sentence.Has(refused, "ml.Data.FilterRowsByMissingValues");
    }

    [Fact]
    public void A_missing_value_is_found_beyond_what_the_budget_holds()
    {
        var view = new GeneratedView<float>(1000, [2], 3, (_, values) => values.Clear(), i => i == 900 ? 0u : (uint)(i % 3) + 1);
        var refused = Assert.Throws<InvalidDataException>(() => _ml.SoftmaxRegression(new() { MemoryBudget = 100 }).Fit(view));
        Sentence.Has(refused, "missing value in row 900;");
        Assert.Equal(view.CursorsOpened, view.CursorsDisposed);
    }

    [Fact]
    public void What_is_said_to_mend_missing_values_mends_them()
    {
        var view = new GeneratedView<float>(10, [2], 3, (_, values) => values.Clear(), i => i == 7 ? 0u : (uint)(i % 3) + 1);
        using var model = Trainer("Label").Fit(_ml.Data.FilterRowsByMissingValues(view, "Label"));
        Assert.Equal(9, model.Model.Training.Rows);
    }

    /// <summary>ML.NET's filter of missing values takes no text, so that another is named.</summary>
    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public void What_is_said_to_mend_missing_texts_mends_them(string? missing)
    {
        var rows = Enumerable.Range(0, 40).Select(i => new TextRow { Label = i == 7 ? missing! : $"c{i % 2}", Features = [i, 1] }).ToList();
        var data = _ml.Data.LoadFromEnumerable(rows);
        var key = _ml.Transforms.Conversion.MapValueToKey("Label");
        Sentence.Has(Assert.Throws<InvalidDataException>(() => key.Append(Trainer("Label")).Fit(data)), "Label column 'Label' has a missing value in row 7", "ml.Data.FilterByCustomPredicate", "before MapValueToKey");
        var filtered = _ml.Data.FilterByCustomPredicate<TextRow>(data, row => string.IsNullOrEmpty(row.Label));
        using var model = key.Append(Trainer("Label")).Fit(filtered);
        Assert.Equal(39, model.LastTransformer.Model.Training.Rows);
        using var later = Trainer("Label").Fit(_ml.Data.FilterRowsByMissingValues(key.Fit(data).Transform(data), "Label"));
        Assert.Equal(39, later.Model.Training.Rows);
    }

    private sealed class TextRow
    {
        public string Label { get; set; } = "";

        [VectorType(2)]
        public float[] Features { get; set; } = [];
    }

    [Fact]
    public void A_missing_label_does_no_harm_when_scoring()
    {
        var good = new GeneratedView<float>(10, [2], 3, (_, values) => values.Clear(), i => (uint)(i % 3) + 1);
        using var model = Trainer("Label").Fit(good);
        var unlabelled = new GeneratedView<float>(10, [2], 3, (_, values) => values.Clear(), _ => 0);
        Assert.Equal(10, model.Transform(unlabelled).GetColumn<float[]>("Score").Count());
        Assert.Equal(10, model.Transform(_ml.Transforms.DropColumns("Label").Fit(good).Transform(good)).GetColumn<float[]>("Score").Count());
    }

    [Fact]
    public void A_key_of_one_class_is_refused()
    {
        var view = new GeneratedView<float>(10, [2], 1, (_, values) => values.Clear(), _ => 1);
        Sentence.Has(Assert.Throws<InvalidDataException>(() => Trainer("Label").Fit(view)), "at least two classes are needed");
    }

    [Fact]
    public void Rows_of_one_class_only_are_refused_by_the_classs_name()
    {
        var rows = Stripes.Create(50, seed: 1);
        var mapped = _ml.Transforms.Conversion.MapValueToKey("Label", "Name").Fit(_ml.Data.LoadFromEnumerable(rows));
        var data = mapped.Transform(_ml.Data.LoadFromEnumerable(rows.Where(row => row.Name == "level").ToList()));
        var refused = Assert.Throws<InvalidDataException>(() => _ml.SoftmaxRegression(new() { FeatureColumnName = "Image" }).Fit(data));
        Sentence.Has(refused, "Every row has the label 'level'", "at least two classes are needed");
    }

    [Fact]
    public void A_chain_whose_rows_are_all_of_one_class_is_refused()
    {
        var rows = Stripes.Create(50, seed: 1).Where(row => row.Name == "level").ToList();
        var refused = Assert.Throws<InvalidDataException>(() => Stripes.Pipeline(_ml).Fit(_ml.Data.LoadFromEnumerable(rows)));
        Sentence.Has(refused, "at least two classes are needed");
    }

    [Fact]
    public void Classes_without_a_row_do_no_harm()
    {
        var view = new GeneratedView<float>(10, [2], 5, (_, values) => values.Clear(), i => (uint)(i % 2) + 1);
        using var model = Trainer("Label").Fit(view);
        Assert.All(model.Transform(view).GetColumn<float[]>("Score"), scores => Assert.Equal(5, scores.Length));
    }

    [Fact]
    public void No_rows_are_refused()
    {
        var view = new GeneratedView<float>(0, [2], 3, (_, _) => { }, _ => 1);
        var refused = Assert.Throws<InvalidDataException>(() => Trainer("Label").Fit(view));
        Sentence.Has(refused, "The training data has no rows", "'Features'", "'Label'");
    }

    [Fact]
    public void A_chain_without_rows_says_that_there_are_none()
    {
        // ML.NET's own MapValueToKey makes a key of no values of it, or of one: what is wrong are the rows.
        var refused = Assert.Throws<InvalidDataException>(() => Stripes.Pipeline(_ml).Fit(_ml.Data.LoadFromEnumerable(new List<Stripes.Row>())));
        Sentence.Has(refused, "no rows");
    }

    [Fact]
    public void No_rows_can_be_scored()
    {
        var view = new GeneratedView<float>(10, [2], 3, (_, values) => values.Clear(), i => (uint)(i % 3) + 1);
        using var model = Trainer("Label").Fit(view);
        Assert.Empty(model.Transform(new GeneratedView<float>(0, [2], 3, (_, _) => { }, _ => 1)).GetColumn<float[]>("Score"));
    }

    private IEnumerable<Exception> Refusals(string column) =>
    [
        Assert.Throws<ArgumentException>(() => Trainer(column).Fit(Data())),
        Assert.Throws<ArgumentException>(() => _ml.Transforms.CopyColumns("Copy", "Text").Append(Trainer(column)).Fit(Data())),
    ];

    private TorchEstimator Trainer(string column) => _ml.SoftmaxRegression(new() { LabelColumnName = column, NumberOfSteps = 1 });

    private IDataView Data() => _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 8).Select(i => new Row { Text = $"{i % 2}", Number = i % 2, Whole = (uint)i % 2, Flag = i % 2 == 0 }).ToList());

    private sealed class Row
    {
        [VectorType(2)]
        public float[] Features { get; set; } = new float[2];

        public string Text { get; set; } = "";

        public float Number { get; set; }

        public uint Whole { get; set; }

        public bool Flag { get; set; }

        [VectorType(2), KeyType(4)]
        public uint[] Keys { get; set; } = new uint[2];

        [KeyType(4)]
        public byte ByteKey { get; set; }
    }
}
