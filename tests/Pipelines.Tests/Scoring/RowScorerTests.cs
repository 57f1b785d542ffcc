using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tests.Scoring;

/// <summary>The reference is ML.NET's own way through the same rows.</summary>
public sealed class RowScorerTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly List<Guest> _guests;
    private readonly IDataView _data;
    private readonly TransformerChain<Microsoft.ML.Transforms.KeyToValueMappingTransformer> _model;

    public RowScorerTests()
    {
        var random = new Random(1);
        _guests = [.. Enumerable.Range(0, 120).Select(i => new Guest
        {
            Age = random.Next(90),
            Fare = random.NextDouble() * 100,
            Plan = i % 3 == 0 ? "basic" : i % 3 == 1 ? "gold" : "silver",
            IsNew = random.Next(2) == 0,
            Visits = [random.NextSingle(), random.NextSingle(), random.NextSingle()],
            Label = i % 3 == 0 ? "stays" : i % 3 == 1 ? "goes" : "asks",
        })];
        _data = _ml.Data.LoadFromEnumerable(_guests);
        _model = _ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(_ml.Transforms.Categorical.OneHotEncoding("Plans", "Plan"))
            .Append(_ml.Transforms.Conversion.ConvertType([new("Ages", "Age"), new("Fares", "Fare"), new("News", "IsNew")], DataKind.Single))
            .Append(_ml.Transforms.ReplaceMissingValues("Fares"))
            .Append(_ml.Transforms.Concatenate("Features", "Ages", "Fares", "News", "Plans", "Visits"))
            .Append(_ml.Transforms.NormalizeMinMax("Features"))
            .Append(_ml.MulticlassClassification.Trainers.DenseNetwork(new DenseNetwork.Options { Network = new() { HiddenLayerSizes = [4] }, NumberOfSteps = 20, BatchSize = 40 }))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("Name", "PredictedLabel"))
            .Fit(_data);
    }

    public void Dispose() => _model.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(120)]
    public void Rows_have_the_scores_that_Transform_gives(int count)
    {
        using var scorer = Scorer();
        var results = scorer.Score([.. _guests.Take(count).Select(Row)]);
        var expected = Expected();
        Assert.Equal(count, results.Count);
        Assert.All(results.Index(), result => AssertSame(expected[result.Index], result.Item));
        Assert.Equal(["PredictedLabel", "Score"], scorer.Columns);
        Assert.Equal(["stays", "goes", "asks"], scorer.Slots["Score"]);
        Assert.DoesNotContain("Label", scorer.InputColumns);
    }

    [Fact]
    public void Eight_threads_get_their_own_rows()
    {
        using var scorer = Scorer();
        var expected = Expected();
        Parallel.For(0, 800, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            var at = i % _guests.Count;
            if (i % 5 == 0)
            {
                var results = scorer.Score([Row(_guests[at]), Row(_guests[(at + 1) % _guests.Count])]);
                AssertSame(expected[(at + 1) % _guests.Count], results[1]);
                AssertSame(expected[at], results[0]);
            }
            else
            {
                AssertSame(expected[at], scorer.Score(Row(_guests[at])));
            }
        });
    }

    [Fact]
    public void Json_gives_what_dictionaries_give_for_an_object_for_an_array_and_for_none()
    {
        using var scorer = Scorer();
        var rows = _guests.Take(3).Select(Row).ToList();
        var one = JsonDocument.Parse(scorer.ScoreJson(JsonSerializer.Serialize(rows[0]))).RootElement;
        var result = scorer.Score(rows[0]);
        Assert.Equal(result["PredictedLabel"], one.GetProperty("PredictedLabel").GetString());
        Assert.Equal((float[])result["Score"]!, one.GetProperty("Score").EnumerateArray().Select(number => number.GetSingle()));

        var all = JsonDocument.Parse(scorer.ScoreJson(JsonSerializer.Serialize(rows))).RootElement;
        Assert.Equal(scorer.Score(rows).Select(each => each["PredictedLabel"]), all.EnumerateArray().Select(each => each.GetProperty("PredictedLabel").GetString()));
        Assert.Equal("[]", scorer.ScoreJson("[]"));
        Assert.Empty(scorer.Score([]));

        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            scorer.ScoreJson(JsonSerializer.SerializeToElement(rows[0]), writer);
        Assert.Equal(scorer.ScoreJson(JsonSerializer.Serialize(rows[0])), System.Text.Encoding.UTF8.GetString(stream.ToArray()));
    }

    [Fact]
    public void Names_of_slots_and_other_columns_can_be_asked_for()
    {
        using var scorer = Scorer(new() { Columns = ["Name", "Score", "Age"], NamesSlots = true });
        var result = scorer.Score(Row(_guests[0]));
        Assert.Equal(["Name", "Score", "Age"], result.Keys);
        Assert.Equal(_guests[0].Age, result["Age"]);
        var named = Assert.IsType<Dictionary<string, object?>>(result["Score"]);
        Assert.Equal(["stays", "goes", "asks"], named.Keys);
        Assert.Equal(1, named.Values.Sum(value => (float)value!), 1e-5);
        Assert.Contains("\"stays\":", scorer.ScoreJson(JsonSerializer.Serialize(Row(_guests[0]))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_value_is_the_types_missing_value()
    {
        var gap = new Guest { Age = 3, Fare = double.NaN, Plan = "", IsNew = true, Visits = [1, 2, 3], Label = "" };
        var expected = Expected([gap])[0];
        using var scorer = Scorer();
        AssertSame(expected, scorer.Score(new Dictionary<string, object?> { ["Age"] = 3, ["IsNew"] = true, ["Visits"] = Enumerable.Range(1, 3).ToArray() }));
        AssertSame(expected, scorer.Score(new Dictionary<string, object?> { ["Age"] = 3, ["Fare"] = null, ["Plan"] = null, ["IsNew"] = true, ["Visits"] = new List<object?> { 1, 2d, 3f }, ["Label"] = "stays" }));
    }

    /// <summary>The column, the value as JSON, and a part of the message.</summary>
    [Theory]
    [InlineData("Age", "null", "has no value")]
    [InlineData("Age", "3.5", "has the value 3.5; a whole number from -2147483648 to 2147483647 is expected")]
    [InlineData("Age", "3000000000", "has the value 3000000000")]
    [InlineData("Age", "\"3\"", "has the value '3'")]
    [InlineData("Age", "[3]", "has the value of several values")]
    [InlineData("Age", "{}", "has an object as its value")]
    [InlineData("Fare", "1e999", "1e999")]
    [InlineData("Fare", "true", "has the value true; a number in the range of Double is expected")]
    [InlineData("Plan", "3", "has the value 3; text is expected")]
    [InlineData("IsNew", "1", "has the value 1; true or false is expected")]
    [InlineData("IsNew", "null", "has no value")]
    [InlineData("Visits", "[1, 2]", "has 2 values; 3 are expected")]
    [InlineData("Visits", "[1, \"2\", 3]", "has the value '2' at index 1")]
    [InlineData("Visits", "[1, 1e300, 3]", "has the value 1E+300 at index 1")]
    [InlineData("Visits", "7", "an array is expected")]
    [InlineData("Aage", "3", "did you mean 'Age'?")]
    public void A_value_that_does_not_fit_is_refused_with_row_and_column(string column, string value, string expected)
    {
        var good = JsonSerializer.SerializeToNode(Row(_guests[0]))!.AsObject();
        var bad = good.DeepClone().AsObject();
        bad[column] = value == "null" ? null : System.Text.Json.Nodes.JsonNode.Parse(value);
        using var scorer = Scorer();
        var refused = Assert.Throws<InvalidDataException>(() => scorer.ScoreJson($"[{good.ToJsonString()}, {bad.ToJsonString()}]"));
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.Contains("Row 2", refused.Message, StringComparison.Ordinal);
        Assert.Equal((2L, column), (ErrorFacts.Of(refused).Row, ErrorFacts.Of(refused).Column));
        // The scorer goes on.
        Assert.NotNull(scorer.Score(Row(_guests[0])));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("3")]
    [InlineData("[[1]]")]
    [InlineData("[{\"Age\": 1, \"Age\": 2}]")]
    public void Text_that_is_no_row_is_refused(string json)
    {
        using var scorer = Scorer();
        Assert.Throws<InvalidDataException>(() => scorer.ScoreJson(json));
    }

    [Fact]
    public void Unknown_names_can_be_ignored_and_wrong_output_columns_are_refused()
    {
        using var scorer = Scorer(new() { IgnoresUnknownColumns = true });
        var row = new Dictionary<string, object?>(Row(_guests[0])) { ["More"] = 1 };
        AssertSame(Expected()[0], scorer.Score(row));
        var refused = Assert.Throws<ArgumentException>(() => Scorer(new() { Columns = ["Scor"] }));
        Assert.Equal(("Columns", "Scor"), (ErrorFacts.Of(refused).Property, ErrorFacts.Of(refused).Column));
        Assert.Contains("did you mean 'Score'?", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Scorer(new() { Columns = ["Score", "Score"] }));
    }

    /// <summary>A row that a step of the model refuses, after many others.</summary>
    [Fact]
    public void A_row_that_the_network_refuses_has_the_callers_number()
    {
        using var model = _ml.Regression.Trainers.Torch(new DenseNetwork { HiddenLayerSizes = [2] }, new() { LabelColumnName = "Value", FeatureColumnName = "Visits", NumberOfSteps = 2 })
            .Fit(_ml.Data.LoadFromEnumerable(Enumerable.Range(0, 20).Select(i => new Visit { Visits = [i, 1, 2], Value = i }).ToList()));
        using var scorer = _ml.Model.CreateRowScorer(model, _ml.Data.LoadFromEnumerable(new List<Visit>()).Schema);
        for (var i = 0; i < 5; i++)
            Assert.IsType<float>(scorer.Score(new Dictionary<string, object?> { ["Visits"] = new float[] { i, 1, 2 } })["Score"]);
        var refused = Assert.Throws<InvalidDataException>(() => scorer.Score(new Dictionary<string, object?> { ["Visits"] = new[] { float.NaN, 1, 2 } }));
        Assert.Equal(1, ErrorFacts.Of(refused).Row);
        Assert.IsType<float>(scorer.Score(new Dictionary<string, object?> { ["Visits"] = new ReadOnlyMemory<float>([1, 1, 2]) })["Score"]);
    }

    [Fact]
    public void A_stock_model_with_keys_and_dates_is_scored()
    {
        // LoadFromEnumerable counts keys from 0.
        List<Dated> rows = [.. Enumerable.Range(0, 60).Select(i => new Dated { Day = new DateTime(2026, 1, 1).AddDays(i), Number = i, Kind = (uint)(i % 3), Label = i % 2 == 0 })];
        var keys = SchemaDefinition.Create(typeof(Dated));
        keys["Kind"].ColumnType = new KeyDataViewType(typeof(uint), 3);
        var data = _ml.Data.LoadFromEnumerable(rows, keys);
        var model = _ml.Transforms.Conversion.MapKeyToVector("Kinds", "Kind")
            .Append(_ml.Transforms.Conversion.ConvertType("Days", "Day", DataKind.Single))
            .Append(_ml.Transforms.Concatenate("Features", "Kinds", "Number"))
            .Append(_ml.BinaryClassification.Trainers.SdcaLogisticRegression(maximumNumberOfIterations: 5)).Fit(data);
        using var scorer = _ml.Model.CreateRowScorer(model, data.Schema, new() { Columns = ["PredictedLabel", "Score", "Probability", "Day"] });
        var expected = model.Transform(data).GetColumn<float>("Probability").ToList();
        for (var i = 0; i < rows.Count; i++)
        {
            var row = new Dictionary<string, object?> { ["Number"] = (decimal)i, ["Kind"] = i % 3 + 1, ["Day"] = rows[i].Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) };
            var result = scorer.Score(row);
            Assert.Equal((i, Math.Round(expected[i], 5)), (i, Math.Round((float)result["Probability"]!, 5)));
            Assert.Equal(rows[i].Day, result["Day"]);
            Assert.IsType<bool>(result["PredictedLabel"]);
        }

        Assert.Throws<InvalidDataException>(() => scorer.Score(new Dictionary<string, object?> { ["Number"] = 1, ["Kind"] = 1, ["Day"] = "1.2.2026" }));
    }

    [Fact]
    public void Disposing_leaves_the_model_unless_it_is_owned()
    {
        var scorer = Scorer();
        scorer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => scorer.Score(Row(_guests[0])));
        using (var other = Scorer(new() { OwnsModel = true }))
            Assert.NotNull(other.Score(Row(_guests[0])));
        Assert.Throws<ObjectDisposedException>(() => Expected());
    }

    [Fact]
    public void A_model_that_remembers_rows_is_refused()
    {
        var steps = _ml.Data.LoadFromEnumerable([new Steps()]);
        using var stateful = _ml.Regression.Trainers.RecurrentNetwork(new RecurrentNetwork.RegressionOptions
        {
            FeatureColumnName = "Features",
            Network = new() { ReturnSequences = true, Stateful = new() { Stride = 1 }, Layers = new() { HiddenSize = 2 } },
            BatchSize = 1,
            NumberOfSteps = 1,
        }).Fit(steps);
        Assert.Throws<NotSupportedException>(() => _ml.Model.CreateRowScorer(stateful, steps.Schema));
    }

    /// <summary>A key is given by its value, and one that the model has never seen is missing.</summary>
    [Fact]
    public void Keys_with_values_are_given_by_them()
    {
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Plan").Fit(_data).Transform(_data);
        var model = _ml.Transforms.Conversion.MapKeyToVector("Plans", "Plan").Append(_ml.Transforms.CopyColumns("Copy", "Plan")).Fit(keyed);
        using var scorer = _ml.Model.CreateRowScorer(model, keyed.Schema, new() { Columns = ["Plans", "Copy"] });
        var gold = scorer.Score(new Dictionary<string, object?> { ["Plan"] = "gold" });
        Assert.Equal("gold", gold["Copy"]);
        Assert.Equal([0, 1, 0], (float[])gold["Plans"]!);
        Assert.Null(scorer.Score(new Dictionary<string, object?> { ["Plan"] = "platinum" })["Copy"]);
        Assert.Equal("""{"Plans":[0,0,0],"Copy":null}""", scorer.ScoreJson("{}"));
    }

    [Fact]
    public void A_score_that_is_not_a_number_is_null_in_json()
    {
        var model = _ml.Transforms.NormalizeMinMax("Share", "Value").Fit(_ml.Data.LoadFromEnumerable([new Visit { Value = 0 }, new Visit { Value = 2 }]));
        using var scorer = _ml.Model.CreateRowScorer(model, _ml.Data.LoadFromEnumerable(new List<Visit>()).Schema);
        Assert.Equal("""{"Share":null}""", scorer.ScoreJson("{}"));
        Assert.Equal("""{"Share":0.5}""", scorer.ScoreJson("""{"Value": 1}"""));
    }

    private RowScorer Scorer(RowScorerOptions? options = null) => _ml.Model.CreateRowScorer(_model, _data.Schema, options);

    private List<(string Name, float[] Score)> Expected(IReadOnlyList<Guest>? guests = null)
    {
        var scored = _model.Transform(guests is null ? _data : _ml.Data.LoadFromEnumerable(guests));
        return [.. scored.GetColumn<string>("Name").Zip(scored.GetColumn<float[]>("Score"))];
    }

    private static void AssertSame((string Name, float[] Score) expected, IReadOnlyDictionary<string, object?> result)
    {
        Assert.Equal(expected.Name, result["PredictedLabel"]);
        Assert.All(expected.Score.Zip((float[])result["Score"]!), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    private static IReadOnlyDictionary<string, object?> Row(Guest guest) => new Dictionary<string, object?>
    {
        ["Age"] = guest.Age,
        ["Fare"] = guest.Fare,
        ["Plan"] = guest.Plan,
        ["IsNew"] = guest.IsNew,
        ["Visits"] = guest.Visits,
    };

    private sealed class Guest
    {
        public int Age { get; set; }

        public double Fare { get; set; }

        public string Plan { get; set; } = "";

        public bool IsNew { get; set; }

        [VectorType(3)]
        public float[] Visits { get; set; } = [];

        public string Label { get; set; } = "";
    }

    private sealed class Steps
    {
        [VectorType(3, 1)]
        public float[] Features { get; set; } = [1, 2, 3];

        [VectorType(3)]
        public float[] Label { get; set; } = [1, 2, 3];
    }

    private sealed class Visit
    {
        [VectorType(3)]
        public float[] Visits { get; set; } = [0, 0, 0];

        public float Value { get; set; }
    }

    private sealed class Dated
    {
        public DateTime Day { get; set; }

        public float Number { get; set; }

        public uint Kind { get; set; }

        public bool Label { get; set; }
    }
}
