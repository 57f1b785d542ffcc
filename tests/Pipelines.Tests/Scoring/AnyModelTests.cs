using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files;
using Sconce.Tests;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tests.Scoring;

/// <summary>Zips of any kind: their input's schema says what is read of files, and ML.NET's own way through the same rows says what comes out.</summary>
public sealed class AnyModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);
    private readonly List<Person> _people;

    public AnyModelTests()
    {
        var random = new Random(1);
        _people = [.. Enumerable.Range(0, 200).Select(i => new Person
        {
            Age = random.Next(18, 80),
            Income = random.Next(4) == 0 ? float.NaN : 1000 * random.NextSingle(),
            City = ((string[])["Oslo", "São Paulo", "New York, NY"])[random.Next(3)],
            IsMember = random.Next(2) == 0,
            Joined = new DateTime(2000, 1, 1).AddDays(random.Next(5000)),
            Label = random.Next(2) == 0,
            Spent = 100 * random.NextSingle(),
        })];
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    /// <summary>Columns of several types, in another order, with names in other letters, one that is missing here and there, and some that nobody asked for.</summary>
    [Theory]
    [InlineData("people.csv")]
    [InlineData("people.tsv")]
    [InlineData("people.jsonl")]
    [InlineData("people.parquet")]
    [InlineData("people.arrow")]
    public void A_model_of_columns_of_several_types_reads_them_by_name(string name)
    {
        var model = Save(Features().Append(_ml.BinaryClassification.Trainers.LbfgsLogisticRegression()));
        Write(name, ["Spent", "Joined", "City", "IsMember", "Income", "Age"]);
        var summary = Score(model, name, "scores.csv", new() { Keep = ["City", "Age"] });
        Assert.Equal((_people.Count, 0), (summary.Scored, summary.Bad));
        AssertSame(model, ["City", "Age", "PredictedLabel", "Score", "Probability"], "scores.csv");
    }

    [Fact]
    public void A_text_model_reads_texts_with_and_without_a_header()
    {
        var model = Save(_ml.Transforms.Text.FeaturizeText("Features", "City").Append(_ml.BinaryClassification.Trainers.SdcaLogisticRegression()));
        File.WriteAllLines(_folder.PathOf("plain.csv"), _people.Select(person => $"\"{person.City}\""));
        File.WriteAllLines(_folder.PathOf("headed.csv"), _people.Select(person => $"\"{person.City}\"").Prepend("City"));
        foreach (var name in (string[])["plain.csv", "headed.csv"])
        {
            Score(model, name, $"{name}.scores.csv");
            AssertSame(model, ["PredictedLabel", "Score", "Probability"], $"{name}.scores.csv");
        }
    }

    [Fact]
    public void Regression_clustering_and_other_steps_give_their_columns()
    {
        Write("people.csv", ["Age", "Income", "City", "IsMember", "Spent"]);
        var regression = Save(Features().Append(_ml.Regression.Trainers.LbfgsPoissonRegression("Spent")));
        Score(regression, "people.csv", "spent.csv");
        AssertSame(regression, ["Score"], "spent.csv");
        var clusters = Save(Features().Append(_ml.Clustering.Trainers.KMeans(numberOfClusters: 3)));
        Score(clusters, "people.csv", "clusters.csv");
        Assert.StartsWith("PredictedLabel,Score.0,Score.1,Score.2", File.ReadLines(_folder.PathOf("clusters.csv")).First(), StringComparison.Ordinal);
        // A model without results of a trainer's names gives what it adds.
        var columns = Save(_ml.Transforms.NormalizeMinMax("Scaled", "Age"));
        Score(columns, "people.csv", "scaled.csv");
        AssertSame(columns, ["Scaled"], "scaled.csv");
    }

    [Fact]
    public void Columns_choose_what_is_written()
    {
        Write("people.csv", ["Age", "Income", "City", "IsMember"]);
        var model = Save(Features().Append(_ml.BinaryClassification.Trainers.LbfgsLogisticRegression()));
        Score(model, "people.csv", "chosen.csv", new() { Columns = ["Probability", "Filled"] });
        AssertSame(model, ["Probability", "Filled"], "chosen.csv");
        var refusal = Assert.Throws<ArgumentException>(() => Score(model, "people.csv", "none.csv", new() { Columns = ["Probabilty"] }));
        Assert.Contains("has no output column 'Probabilty' (did you mean 'Probability'?)", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("has no column 'Town', which is to be kept", Assert.Throws<InvalidDataException>(() => Score(model, "people.csv", "none.csv", new() { Keep = ["Town"] })).Message, StringComparison.Ordinal);
        foreach (var (options, property, column) in ((FileScoringOptions, string, string)[])
        [
            (new() { Columns = ["Probabilty"] }, nameof(FileScoringOptions.Columns), "Probabilty"),
            (new() { Keep = ["Score"] }, nameof(FileScoringOptions.Keep), "Score"),
            (new() { Keep = ["City", "City"] }, nameof(FileScoringOptions.Keep), "City"),
            (new() { Columns = ["Score", "Probability", "Score"] }, nameof(FileScoringOptions.Columns), "Score"),
        ])
        {
            var facts = ErrorFacts.Of(Assert.Throws<ArgumentException>(() => Score(model, "people.csv", "none.csv", options)));
            Assert.Equal((property, column), (facts.Property, facts.Column));
        }

        Assert.Contains("NumberOfThreads is 257; it has to be at most 256", Assert.Throws<ArgumentOutOfRangeException>(() => Score(model, "people.csv", "none.csv", new() { NumberOfThreads = 257 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_that_nobody_has_is_named_with_the_nearest_one()
    {
        var model = Save(Features().Append(_ml.BinaryClassification.Trainers.LbfgsLogisticRegression()));
        File.WriteAllText(_folder.PathOf("typo.csv"), "Aeg,Income,City,IsMember\n30,1,Oslo,true\n");
        var refusal = Assert.Throws<InvalidDataException>(() => Score(model, "typo.csv", "none.csv")).Message;
        foreach (var part in (string[])["typo.csv' has no column 'Age' (did you mean 'Aeg'?)", "model.zip' reads (Single", "Its columns are: Aeg, Income, City, IsMember"])
            Assert.Contains(part, refusal, StringComparison.Ordinal);
        Assert.False(Path.Exists(_folder.PathOf("none.csv")));
    }

    /// <summary>Another model of the same rows: a recurrent network whose state goes from row to row is scored in one go, whatever the batches.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public void A_network_that_remembers_rows_reads_them_in_one_go(int batchSize)
    {
        var rows = Enumerable.Range(0, 60).Select(i => new Window { Steps = [.. Enumerable.Range(0, 5).Select(step => MathF.Sin(0.1f * (5 * i + step)))], Target = [.. Enumerable.Range(0, 5).Select(step => MathF.Cos(0.1f * (5 * i + step)))] }).ToList();
        var data = _ml.Data.LoadFromEnumerable(rows);
        var path = _folder.PathOf("stateful.zip");
        List<float[]> expected;
        using (var model = _ml.Regression.Trainers.RecurrentNetwork(RecurrentNetwork.RegressionOptions.Classic with { FeatureColumnName = "Steps", LabelColumnName = "Target", BatchSize = 1, NumberOfSteps = 20, Network = RecurrentNetwork.RegressionOptions.Classic.Network with { InputWidth = null, Stateful = new() { Stride = 1 } } }).Fit(data))
        {
            _ml.Model.SaveAtomically(model, data.Schema, path);
            expected = [.. model.Transform(data).GetColumn<float[]>("Score")];
        }

        ColumnFile.Write(data, ["Steps"], _folder.PathOf("windows.csv"), cancellation: Token);
        Score(path, "windows.csv", $"stateful-{batchSize}.csv", new() { BatchSize = batchSize });
        Assert.Equal(expected, File.ReadLines(_folder.PathOf($"stateful-{batchSize}.csv")).Skip(1).Select(line => line.Split(',').Select(value => float.Parse(value, CultureInfo.InvariantCulture)).ToArray()));
    }

    [Fact]
    public void What_is_no_model_or_was_saved_without_its_schema_is_refused()
    {
        Write("people.csv", ["Age"]);
        _ml.Model.Save(_ml.Transforms.NormalizeMinMax("Scaled", "Age").Fit(_ml.Data.LoadFromEnumerable(_people)), null, _folder.PathOf("bare.zip"));
        Assert.Contains("bare.zip' was saved without the schema of its input", Assert.Throws<InvalidDataException>(() => Score(_folder.PathOf("bare.zip"), "people.csv", "none.csv")).Message, StringComparison.Ordinal);
        Assert.Contains("is not a readable model", Assert.Throws<InvalidDataException>(() => Score(_folder.PathOf("people.csv"), "people.csv", "none.csv")).Message, StringComparison.Ordinal);
    }

    private EstimatorChain<ITransformer> Features() => new EstimatorChain<ITransformer>()
        .Append((IEstimator<ITransformer>)_ml.Transforms.ReplaceMissingValues("Filled", "Income"))
        .Append((IEstimator<ITransformer>)_ml.Transforms.Categorical.OneHotEncoding("Town", "City"))
        .Append((IEstimator<ITransformer>)_ml.Transforms.Conversion.ConvertType("Member", "IsMember"))
        .Append((IEstimator<ITransformer>)_ml.Transforms.Concatenate("Features", "Age", "Filled", "Town", "Member"))
        .Append((IEstimator<ITransformer>)_ml.Transforms.NormalizeMinMax("Features"));

    private string Save(IEstimator<ITransformer> pipeline)
    {
        var data = _ml.Data.LoadFromEnumerable(_people);
        var path = _folder.PathOf("model.zip");
        _ml.Model.Save(pipeline.Fit(data), data.Schema, path);
        return path;
    }

    private void Write(string name, IReadOnlyList<string> columns) => ColumnFile.Write(_ml.Data.LoadFromEnumerable(_people), columns, _folder.PathOf(name), cancellation: Token);

    private ScoringSummary Score(string model, string input, string output, FileScoringOptions? options = null) =>
        FileScorer.Score(new MLContext(), model, [_folder.PathOf(input)], _folder.PathOf(output), (options ?? new()) with { BatchSize = options?.BatchSize ?? 64, CancellationToken = Token });

    /// <summary>The same rows by <c>Transform</c>, written by ML.NET-independent code of the same format.</summary>
    private void AssertSame(string model, IReadOnlyList<string> columns, string output)
    {
        var scored = _ml.Model.Load(model, out _).Transform(_ml.Data.LoadFromEnumerable(_people));
        var expected = _folder.PathOf("expected.csv");
        ColumnFile.Write(scored, columns, expected, cancellation: Token);
        Assert.Equal(File.ReadAllLines(expected), File.ReadAllLines(_folder.PathOf(output)));
    }

    private sealed class Person
    {
        public float Age { get; set; }

        public float Income { get; set; }

        public string City { get; set; } = "";

        public bool IsMember { get; set; }

        public DateTime Joined { get; set; }

        public bool Label { get; set; }

        public float Spent { get; set; }
    }

    private sealed class Window
    {
        [VectorType(5, 1)]
        public float[] Steps { get; set; } = [];

        [VectorType(5)]
        public float[] Target { get; set; } = [];
    }
}
