using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers.Columns;
using Sconce.Trainers.Training;

namespace Sconce.Trainers.Tests.Sequences;

/// <summary>Rows longer than any that was trained on: they are read to their end, alone and beside others, or cut where the network says so.</summary>
public class LongRowTests
{
    private const int Trained = 4;

    private readonly MLContext _ml = new(seed: 1);

    /// <summary>What sequences are made of, and what is made of them.</summary>
    public static TheoryData<string> Kinds => ["Text", "Keys", "Values", "Steps"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void They_are_classified_as_they_are_alone(string column)
    {
        using var model = Classifier(column).Fit(Load(Rows(60, Trained)));
        // Short ones before and behind long ones, and one that fills a batch by itself.
        int[] lengths = [2, 3, 31, 1, 4, 600, 5, 9, 4, 1];
        var rows = lengths.Select(Row.Of).ToList();
        var together = Scores(model.Transform(Load(rows)));
        Assert.All(rows.Zip(together), pair => Assert.Equal(Scores(model.Transform(Load([pair.First]))).Single(), pair.Second, (a, b) => MathF.Abs(a - b) < 1e-5f));
        // What is behind the length that was trained on is read too.
        Assert.NotEqual(together[2], Scores(model.Transform(Load([Row.Of(31) with { Ending = 'a' }]))).Single());

        using var engine = _ml.Model.CreatePredictionEngine<Row, Scored>(model, new PredictionEngineOptions { OwnsTransformer = false, InputSchemaDefinition = Definition() });
        foreach (var (row, expected) in rows.Zip(together))
            Assert.Equal(expected, engine.Predict(row).Score, (a, b) => MathF.Abs(a - b) < 1e-5f);
    }

    [Fact]
    public void A_number_is_predicted_of_them()
    {
        using var model = _ml.Regression.Trainers.RecurrentNetwork(new RecurrentNetwork.RegressionOptions { FeatureColumnName = "Values", LabelColumnName = "Number", Network = _small, NumberOfSteps = 5 }).Fit(Load(Rows(60, Trained)));
        Assert.All(model.Transform(Load(Rows(20, 50))).GetColumn<float>("Score"), score => Assert.True(float.IsFinite(score)));
    }

    [Fact]
    public void They_are_translated_and_measured_on()
    {
        var options = Reversals.Quick with { ValidationSet = _ml.Data.LoadFromEnumerable(Reversals.Create(30, seed: 2, longest: 12)) };
        using var model = Reversals.Estimator(_ml, options).Fit(Reversals.Load(_ml, 100, seed: 1));
        Assert.True(double.IsFinite(model.Model.Training.Validation[^1].Loss));
        var rows = Reversals.Create(30, seed: 3, longest: 40);
        Assert.Equal(
            rows.Select(row => model.Transform(_ml.Data.LoadFromEnumerable([row])).GetColumn<string>("Output").Single()),
            model.Transform(_ml.Data.LoadFromEnumerable(rows)).GetColumn<string>("Output"));
    }

    [Fact]
    public void A_validation_set_may_have_them()
    {
        using var model = Classifier("Text", options => options with { ValidationSet = Load(Rows(30, 25)) }).Fit(Load(Rows(60, Trained)));
        Assert.True(double.IsFinite(model.Model.Training.Validation[^1].Loss));
    }

    [Fact]
    public void The_longest_row_may_be_in_one_fold_alone()
    {
        var data = Load([.. Rows(90, Trained), Row.Of(70), Row.Of(50)]);
        var folds = _ml.MulticlassClassification.CrossValidate(data, Classifier("Text"), 3);
        Assert.All(folds, fold => Assert.True(double.IsFinite(fold.Metrics.LogLoss)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Those_that_are_cut_are_read_as_what_is_left(string column)
    {
        foreach (var (truncation, kept) in new[] { (SequenceTruncation.KeepStart, (Func<Row, Row>)(row => row with { Length = 3 })), (SequenceTruncation.KeepEnd, row => row with { Length = 3, First = row.First + row.Length - 3 }) })
        {
            var network = _small with { MaximumInputLength = 3, Truncation = truncation };
            using var model = Classifier(column, options => options with { Network = network }).Fit(Load(Rows(60, 9)));
            Assert.Equal(3, model.Model.Definition.Input.Shape[0]);
            List<Row> rows = [Row.Of(1), Row.Of(3), Row.Of(4), Row.Of(20)];
            Assert.Equal(Scores(model.Transform(Load(rows.Select(row => row.Length > 3 ? kept(row) : row)))), Scores(model.Transform(Load(rows))));

            // The saved model cuts alike.
            using var loaded = new MemoryStream(ModelZip.Save(_ml, model, Load(rows).Schema));
            var again = new MLContext().Model.Load(loaded, out _);
            using (again as IDisposable)
                Assert.Equal(Scores(model.Transform(Load(rows))), Scores(again.Transform(Load(rows))));
        }
    }

    /// <summary>Only what is read of the longest is room that every row takes; a training that was begun with more goes on with it.</summary>
    [Fact]
    public void A_maximum_pads_no_row_that_is_trained_on()
    {
        using var folder = new TemporaryFolder();
        var data = Load(Rows(60, Trained));
        var path = folder.PathOf("run");
        TorchEstimator Trainer(Func<RecurrentNetwork.Options, RecurrentNetwork.Options>? change = null) => Classifier("Text", options =>
            (change ?? (same => same))(options with { Network = _small with { MaximumInputLength = 500 }, Checkpoints = new() { EverySteps = 1 }, Seed = 1, RunFolder = path, TensorBoard = null }));
        using (var interrupter = new Runs.Interrupter(2))
            Assert.Throws<OperationCanceledException>(() => Trainer(options => options with { Callbacks = [interrupter], CancellationToken = interrupter.Token }).Fit(data));
        var column = SequenceSurvey.Take(data, data.Schema["Text"], limit: null, TestContext.Current.CancellationToken, length: 500)!;
        using var padded = TrainingRows.Open(data, column.Bind(data.Schema), new KeyColumn("Label"), 1 << 20, _ => { }, TestContext.Current.CancellationToken);
        foreach (var file in Directory.GetFiles(Path.Combine(path, RunFolder.CheckpointsName), "*.checkpoint"))
        {
            Runs.CheckpointFile.Rewrite(file, header =>
            {
                header["Fingerprint"]!["Definition"]!["Input"]!["Shape"]![0] = 500;
                header["Fingerprint"]!["Data"] = padded.Fingerprint;
            });
        }

        using var resumed = Trainer(options => options with { Resume = true }).Fit(data);
        Assert.Equal(500, resumed.Model.Definition.Input.Shape[0]);

        using var model = Trainer().Fit(data);
        Assert.Equal(Trained, model.Model.Definition.Input.Shape[0]);
        Assert.Single(Scores(model.Transform(Load([Row.Of(400)]))));
        Sentence.Has(Assert.Throws<InvalidDataException>(() => Scores(model.Transform(Load([Row.Of(501)])))), "500 are allowed");
    }

    [Fact]
    public void A_maximum_alone_refuses_them()
    {
        using var model = Classifier("Text", options => options with { Network = _small with { MaximumInputLength = 5 } }).Fit(Load(Rows(60, Trained)));
        Sentence.Has(Assert.Throws<InvalidDataException>(() => Scores(model.Transform(Load([Row.Of(2), Row.Of(6)])))), "Column 'Text' has 6 characters in row 1", "5 are allowed");
        Sentence.Has(Assert.Throws<ArgumentException>(() => Classifier("Text", options => options with { Network = _small with { Truncation = SequenceTruncation.KeepEnd } })), "Truncation is KeepEnd", "MaximumInputLength");
        Sentence.Has(Assert.Throws<ArgumentOutOfRangeException>(() => Classifier("Text", options => options with { Network = _small with { MaximumInputLength = 0 } })), "MaximumInputLength is 0");
    }

    /// <summary>A network without the two properties is written as it was before there were any.</summary>
    [Fact]
    public void What_is_saved_of_other_networks_is_as_it_was()
    {
        using var model = Classifier("Text").Fit(Load(Rows(60, Trained)));
        var json = model.Model.Definition.ToJson();
        Assert.Null(json["Network"]!["MaximumInputLength"]);
        Assert.False(json["Network"]!.AsObject().ContainsKey("Truncation"));
        Assert.False(json["Input"]!.AsObject().ContainsKey("Limit"));
    }

    private static readonly RecurrentNetwork _small = new() { Layers = new() { Cell = RecurrentCell.Gru, HiddenSize = 5, Bidirectional = true } };

    private TorchEstimator Classifier(string column, Func<RecurrentNetwork.Options, RecurrentNetwork.Options>? change = null)
    {
        var options = new RecurrentNetwork.Options { FeatureColumnName = column, Network = _small, NumberOfSteps = 3, BatchSize = 20 };
        return _ml.MulticlassClassification.Trainers.RecurrentNetwork(change?.Invoke(options) ?? options);
    }

    private static List<Row> Rows(int count, int longest) => [.. Enumerable.Range(0, count).Select(i => Row.Of(i % longest + 1) with { Label = (uint)(i % 2) })];

    private static List<float[]> Scores(IDataView data) => [.. data.GetColumn<float[]>("Score")];

    private IDataView Load(IEnumerable<Row> rows) => _ml.Data.LoadFromEnumerable(rows.ToList(), Definition());

    private static SchemaDefinition Definition()
    {
        var definition = SchemaDefinition.Create(typeof(Row));
        definition["Steps"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 0, 2);
        definition["Keys"].ColumnType = new VectorDataViewType(new KeyDataViewType(typeof(uint), 26));
        return definition;
    }

    private sealed record Row
    {
        internal int Length { get; init; }

        internal int First { get; init; }

        internal char? Ending { get; init; }

        public string Text => string.Concat(Symbols.Select(symbol => (char)('a' + symbol)));

        public uint[] Keys => [.. Symbols.Select(symbol => (uint)symbol + 1)];

        public float[] Values => [.. Symbols.Select(symbol => symbol / 10f)];

        public float[] Steps => [.. Symbols.SelectMany(symbol => (float[])[symbol / 10f, 1 - symbol / 10f])];

        [KeyType(2)]
        public uint Label { get; init; }

        public float Number => Length / 10f;

        private IEnumerable<int> Symbols => Enumerable.Range(First, Length).Select(i => Ending is { } ending && i == First + Length - 1 ? ending - 'a' + 20 : i * 7 % 5);

        public static Row Of(int length) => new() { Length = length };
    }

    private sealed class Scored
    {
        public float[] Score { get; set; } = [];
    }
}
