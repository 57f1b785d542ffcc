using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Tables;

public sealed class TableStepTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Categories_are_the_frequent_values_then_others_and_missing_is_no_key()
    {
        string[] values = ["b", "a", " b ", "rare", "a", "b", "", "?", "(other)", "(other)"];
        var data = Texts(values);
        var step = _ml.Transforms.MapCategories("Key", "Text").Fit(data);
        Assert.Equal([1u, 3, 1, 4, 3, 1, 0, 0, 2, 2], step.Transform(data).GetColumn<uint>("Key"));
        Assert.Equal(["b", "(other)", "a", "((other))"], KeyNames(step.Transform(data).Schema["Key"]));
        Assert.Equal([4u, 0], step.Transform(Texts(["new", null!])).GetColumn<uint>("Key"));
    }

    [Fact]
    public void Numbers_are_categories_in_any_culture()
    {
        var before = CultureInfo.CurrentCulture;
        var commas = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (commas.NumberFormat.NumberDecimalSeparator, commas.NumberFormat.NumberGroupSeparator) = (",", ".");
        CultureInfo.CurrentCulture = commas;
        try
        {
            var data = _ml.Data.LoadFromEnumerable([new Row { Number = 1.5f }, new Row { Number = 1.5f }, new Row { Number = 2, Whole = 1 }, new Row { Number = 2 }, new Row { Number = float.NaN }]);
            var step = _ml.Transforms.MapCategories("Key", "Number").Fit(data);
            Assert.Equal([1u, 1, 2, 2, 0], step.Transform(data).GetColumn<uint>("Key"));
            Assert.Equal(["1.5", "2", "(other)"], KeyNames(step.Transform(data).Schema["Key"]));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_million_different_values_are_counted_in_bounded_memory_and_no_frequent_one_is_lost()
    {
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 1_000_000).Select(i => new Row { Text = i % 100 == 0 ? "often" : i % 101 == 0 ? "less often" : $"{i}" }));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var step = _ml.Transforms.MapCategories("Key", "Text", new() { MinimumCount = 100 }).Fit(data);
        Assert.True(GC.GetTotalMemory(forceFullCollection: true) - before < 100_000_000);
        Assert.Equal(["often", "less often", "(other)"], KeyNames(step.GetOutputSchema(data.Schema)["Key"]));
    }

    [Theory]
    [InlineData(NumberScaling.Standard)]
    [InlineData(NumberScaling.Quantile)]
    public void Numbers_are_filled_indicated_and_scaled_by_the_training_rows(NumberScaling scaling)
    {
        var random = new Random(1);
        var train = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 5_000).Select(i => new Row { Number = i % 10 == 0 ? float.NaN : MathF.Exp(2 * random.NextSingle()), Wide = 1_700_000_000 + i }).ToList());
        var step = _ml.Transforms.MapNumbers("Numbers", ["Number", "Wide"], new() { Scaling = scaling }).Fit(train);
        var numbers = step.Transform(train).GetColumn<float[]>("Numbers").ToList();
        Assert.Equal(["Number", "Number missing", "Wide"], SlotNames(step.Transform(train).Schema["Numbers"]));
        Assert.Equal(500, numbers.Count(row => row[1] == 1));
        var wide = numbers.ConvertAll(row => (double)row[2]);
        Assert.Equal(0, wide.Average(), 1e-3);
        Assert.Equal(1, Math.Sqrt(wide.Average(value => value * value)), 0.02);
        // Times in seconds beyond what a Single resolves keep their differences.
        Assert.All(wide.Zip(wide.Skip(1)), pair => Assert.True(pair.First < pair.Second));
        var present = numbers.Where(row => row[1] == 0).ToList();
        Assert.Equal(0, present.Average(row => row[0]), 0.02);
        var sorted = train.GetColumn<float>("Number").Where(value => !float.IsNaN(value)).Order().ToList();
        var median = step.Transform(_ml.Data.LoadFromEnumerable([new Row { Number = sorted[sorted.Count / 2] }])).GetColumn<float[]>("Numbers").Single();
        Assert.Equal(median[0], numbers.First(row => row[1] == 1)[0], 1e-5f);
    }

    [Fact]
    public void Dates_become_parts()
    {
        var data = Texts(["2024-03-01", "2023-12-31", ""]);
        var step = _ml.Transforms.MapNumbers("Numbers", ["Text"], new() { Sources = new Dictionary<string, NumberSource> { ["Text"] = NumberSource.Date }, Scaling = NumberScaling.None }).Fit(data);
        Assert.Equal(["Text year", "Text month", "Text day", "Text day of week", "Text day of year", "Text days", "Text missing"], SlotNames(step.Transform(data).Schema["Numbers"]));
        Assert.Equal([[2024, 3, 1, 5, 61, 19783, 0], [2023, 12, 31, 7, 365, 19722, 0]], step.Transform(data).GetColumn<float[]>("Numbers").Take(2));
        var times = _ml.Data.LoadFromEnumerable([new Row { Time = new DateTime(2024, 3, 1, 13, 45, 0) }]);
        var hours = _ml.Transforms.MapNumbers("Numbers", ["Time"], new() { Sources = new Dictionary<string, NumberSource> { ["Time"] = NumberSource.Date }, Scaling = NumberScaling.None }).Fit(times);
        Assert.Equal([13, 45], hours.Transform(times).GetColumn<float[]>("Numbers").Single()[^2..]);
        var german = _ml.Transforms.MapNumbers("Numbers", ["Text"], new() { Sources = new Dictionary<string, NumberSource> { ["Text"] = NumberSource.Date }, DateFormat = "dd.MM.yyyy" });
        Refused(german.Fit(Texts(["31.12.2023"])), Texts(["31.12.2023", "2023-12-31"]), 2);
    }

    [Fact]
    public void Words_for_true_and_false_are_numbers()
    {
        var data = Texts(["yes", "No", "TRUE", "f", "NA"]);
        var step = _ml.Transforms.MapNumbers("Numbers", ["Text"], new() { Sources = new Dictionary<string, NumberSource> { ["Text"] = NumberSource.Boolean }, Scaling = NumberScaling.None }).Fit(data);
        Assert.Equal([[1, 0], [0, 0], [1, 0], [0, 0]], step.Transform(data).GetColumn<float[]>("Numbers").Take(4));
        Assert.Equal(1, step.Transform(data).GetColumn<float[]>("Numbers").Last()[1]);
        Refused(step, Texts(["yes", "maybe"]), 2);
    }

    [Theory]
    [InlineData("12 kg")]
    [InlineData("1,234")]
    [InlineData("1e999")]
    public void Text_that_is_no_number_is_named(string value)
    {
        var step = _ml.Transforms.MapNumbers("Numbers", ["Text"]).Fit(Texts(["1", "2"]));
        Refused(step, Texts(["1", value]), 2);
        Assert.Equal(2, ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => _ml.Transforms.MapNumbers("Numbers", ["Text"]).Fit(Texts(["1", value])))).Row);
    }

    [Theory]
    [InlineData("no", "yes", null, "yes")]
    [InlineData("0", "1", null, "1")]
    [InlineData("<=50K", ">50K", null, ">50K")]
    [InlineData("alive", "dead", "alive", "alive")]
    public void Two_values_become_Booleans(string first, string second, string? positive, string expected)
    {
        var data = Texts([first, second, first]);
        var step = _ml.Transforms.MapBoolean("Label", "Text", positive).Fit(data);
        Assert.Equal([expected == first, expected == second, expected == first], step.Transform(data).GetColumn<bool>("Label"));
        Refused(step, Texts([first, "third"]), 2);
        Refused(step, Texts([first, ""]), 2);
    }

    [Fact]
    public void Labels_that_have_other_than_two_values_are_refused()
    {
        Assert.Equal(3, ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => _ml.Transforms.MapBoolean("Text").Fit(Texts(["a", "b", "c"])))).Row);
        Assert.Equal("Text", ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => _ml.Transforms.MapBoolean("Text").Fit(Texts(["a", "a"])))).Column);
        Assert.Equal(2, ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => _ml.Transforms.MapBoolean("Text").Fit(Texts(["a", ""])))).Row);
        Assert.Equal("PositiveValue", Assert.Throws<ArgumentException>(() => _ml.Transforms.MapBoolean("Text", positiveValue: "c").Fit(Texts(["a", "b"]))).ParamName);
        Assert.Equal("Missing", ErrorFacts.Of(Assert.Throws<ArgumentException>(() => _ml.Transforms.MapCategories("Missing").Fit(Texts(["a"])))).Column);
    }

    [Fact]
    public void Saved_steps_give_the_same_values_and_single_rows_too()
    {
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 50).Select(i => new Row { Text = $"{i % 3}", Number = i % 7 == 0 ? float.NaN : i, Time = new DateTime(2024, 1, 1).AddHours(i) }).ToList());
        var steps = _ml.Transforms.MapCategories("Key", "Text")
            .Append(_ml.Transforms.MapNumbers("Numbers", ["Number", "Time"], new() { Sources = new Dictionary<string, NumberSource> { ["Time"] = NumberSource.Date }, Scaling = NumberScaling.Quantile }))
            .Append(_ml.Transforms.MapCategories("Whole")).Fit(data);
        using var zip = new MemoryStream();
        _ml.Model.Save(steps, data.Schema, zip);
        var loaded = _ml.Model.Load(zip, out _);
        var expected = steps.Transform(data).GetColumn<float[]>("Numbers").ToList();
        Assert.Equal(expected, loaded.Transform(data).GetColumn<float[]>("Numbers"));
        Assert.Equal(steps.Transform(data).GetColumn<uint>("Key"), loaded.Transform(data).GetColumn<uint>("Key"));
        using var engine = _ml.Model.CreatePredictionEngine<Row, Made>(loaded);
        var rows = _ml.Data.CreateEnumerable<Row>(data, reuseRowObject: false).ToList();
        Assert.Equal(expected, rows.Select(row => engine.Predict(row).Numbers));
    }

    private static void Refused(ITransformer step, IDataView data, long row)
    {
        var refused = Assert.Throws<InvalidDataException>(() => Read(step.Transform(data)));
        Assert.Equal((row, "Text"), (ErrorFacts.Of(refused).Row, ErrorFacts.Of(refused).Column));
    }

    private static void Read(IDataView data)
    {
        using var cursor = data.GetRowCursor(data.Schema);
        var column = data.Schema[data.Schema.Count - 1];
        if (column.Type is BooleanDataViewType)
        {
            var getter = cursor.GetGetter<bool>(column);
            for (bool value = false; cursor.MoveNext(); getter(ref value))
            {
            }

            return;
        }

        var numbers = cursor.GetGetter<VBuffer<float>>(column);
        for (VBuffer<float> value = default; cursor.MoveNext(); numbers(ref value))
        {
        }
    }

    private IDataView Texts(IEnumerable<string> values) => _ml.Data.LoadFromEnumerable(values.Select(value => new Row { Text = value }).ToList());

    private static IEnumerable<string> KeyNames(DataViewSchema.Column column) => Names(column, "KeyValues");

    private static IEnumerable<string> SlotNames(DataViewSchema.Column column) => Names(column, "SlotNames");

    private static IEnumerable<string> Names(DataViewSchema.Column column, string annotation)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        column.Annotations.GetValue(annotation, ref names);
        return names.DenseValues().Select(name => $"{name}");
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";

        public float Number { get; set; }

        public double Wide { get; set; }

        public int Whole { get; set; }

        public DateTime Time { get; set; } = DateTime.UnixEpoch;
    }

    private sealed class Made
    {
        public float[] Numbers { get; set; } = [];
    }
}
