using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Sconce.Trainers.Tests.Training;

/// <summary>Rows that are sorted by their class, and a pool that holds few of them.</summary>
public sealed class SortedRowsTests
{
    private const int Rows = 1_200;
    private const int Classes = 4;

    private readonly MLContext _ml = new(seed: 1);
    private readonly List<string> _warnings = [];

    public SortedRowsTests() => _ml.Log += (_, line) =>
    {
        if (line.Kind == ChannelMessageKind.Warning)
            _warnings.Add(line.RawMessage);
    };

    [Fact]
    public void What_the_pool_holds_and_how_many_batches_have_one_label_is_said_once()
    {
        Fit(Sorted(), budget: 2_048);
        Assert.Matches($"[6-9][0-9] % of the rows follow one with the same label, where a random order gives 25 %, and [0-9]+ of {Rows / 16} batches have a single label", Assert.Single(_warnings));
        Assert.Contains($"has {Rows} rows, of which MemoryBudget holds 128", _warnings[0], StringComparison.Ordinal);
    }

    /// <summary>It says of itself that it can shuffle, whatever its source, and does so within a pool of its own.</summary>
    [Fact]
    public void Data_that_claims_to_be_shuffled_is_judged_by_what_it_gives()
    {
        Fit(Sorted(), budget: 2_048, data => _ml.Data.ShuffleRows(data, shufflePoolSize: 64));
        Assert.Contains("The rows are not well shuffled", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2_048)]
    [InlineData(64)]
    public void Of_mixed_rows_nothing_is_said_however_small_the_pool(long budget)
    {
        Fit(Mixed(), budget);
        Assert.Empty(_warnings);
    }

    /// <summary>Chance alone fills most batches with the class that most rows have.</summary>
    [Fact]
    public void Nor_of_a_rare_class()
    {
        Fit(Mixed().Select((row, i) => new Row { Features = row.Features, Label = i % 100 == 0 ? "rare" : "common" }), budget: 2_048);
        Assert.Empty(_warnings);
    }

    [Fact]
    public void Nor_of_rows_without_a_label()
    {
        _ml.Transforms.Autoencoder("Code", "Features", new() { NumberOfEpochs = 1, BatchSize = 16, MemoryBudget = 512, Network = new() { HiddenLayerSizes = [2], CodeSize = 1 } })
            .Fit(_ml.Data.LoadFromEnumerable(Sorted())).Dispose();
        Assert.Empty(_warnings);
    }

    /// <summary>A checkpoint of an earlier version, which read such data in its own order, does not say how it is read.</summary>
    [Fact]
    public void A_training_goes_on_in_the_order_in_which_it_began()
    {
        using var folder = new TemporaryFolder();
        var cached = _ml.Data.Cache(_ml.Transforms.Conversion.MapValueToKey("Label").Fit(_ml.Data.LoadFromEnumerable(Mixed())).Transform(_ml.Data.LoadFromEnumerable(Mixed())));
        var own = _ml.Data.LoadFromEnumerable(Mixed());
        own = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(own).Transform(own);
        var options = new DenseNetwork.Options { NumberOfEpochs = 1, BatchSize = 16, MemoryBudget = 2_048, Seed = 1, Network = new() { HiddenLayerSizes = [4] } };
        var (shuffled, inOrder) = (Weights(options, cached), Weights(options, own));
        Assert.NotEqual(shuffled, inOrder);

        var run = options with { RunFolder = folder.PathOf("run"), Checkpoints = new() { EverySteps = 20 }, TensorBoard = null };
        Interrupt(run, cached);
        Sentence.Has(Assert.Throws<InvalidDataException>(() => Weights(run with { Resume = true }, own)), "reads the training data in its own order", "began to read it in a random order");
        Assert.Equal(shuffled, Weights(run with { Resume = true }, cached));

        var older = run with { RunFolder = folder.PathOf("older") };
        Interrupt(older, own);
        foreach (var file in Directory.GetFiles(Path.Combine(older.RunFolder, RunFolder.CheckpointsName), "*.checkpoint"))
            Runs.CheckpointFile.Rewrite(file, header => Assert.False(header["Fingerprint"]!.AsObject().ContainsKey("ReadsShuffled")));
        Assert.Equal(inOrder, Weights(older with { Resume = true }, cached));

        byte[] Weights(DenseNetwork.Options options, IDataView data)
        {
            using var model = _ml.MulticlassClassification.Trainers.DenseNetwork(options).Fit(data);
            return ModelZip.SavedWeights(_ml, model);
        }

        void Interrupt(DenseNetwork.Options options, IDataView data)
        {
            using var interrupter = new Runs.Interrupter(30);
            Assert.Throws<OperationCanceledException>(() => Weights(options with { Callbacks = [interrupter], CancellationToken = interrupter.Token }, data));
        }
    }

    [Fact]
    public void Rows_that_are_held_are_nothing_to_warn_of()
    {
        Fit(Sorted(), budget: 1 << 20);
        Assert.Empty(_warnings);
    }

    /// <summary>Data that ML.NET reads in any order, as a cache or its binary files, is shuffled as a whole.</summary>
    [Fact]
    public void Data_that_can_be_shuffled_is()
    {
        var (held, streamed) = (Fit(Sorted(), budget: 1 << 20), Fit(Sorted(), budget: 2_048, data => _ml.Data.Cache(data)));
        Assert.Empty(_warnings);
        Assert.True(held > 0.99 && streamed > 0.99, $"{held} held, {streamed} streamed");
        Assert.True(Fit(Sorted(), budget: 2_048) < 0.9);
    }

    private double Fit(IEnumerable<Row> rows, long budget, Func<IDataView, IDataView>? prepare = null)
    {
        var data = _ml.Data.LoadFromEnumerable(rows);
        data = prepare?.Invoke(data) ?? data;
        data = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
        using var model = _ml.MulticlassClassification.Trainers.DenseNetwork(new() { NumberOfEpochs = 5, BatchSize = 16, LearningRate = 2e-2, MemoryBudget = budget, Network = new() { HiddenLayerSizes = [16] } }).Fit(data);
        return _ml.MulticlassClassification.Evaluate(model.Transform(data)).MicroAccuracy;
    }

    private static IOrderedEnumerable<Row> Sorted() =>
        Enumerable.Range(0, Rows).Select(i => new Row { Features = [i % Classes, i * .01f], Label = $"c{i % Classes}" }).OrderBy(row => row.Label, StringComparer.Ordinal);

    private static IOrderedEnumerable<Row> Mixed() => Sorted().OrderBy(row => row.Features[1] * 7919 % 1_000);

    private sealed class Row
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];

        public string Label { get; set; } = "";
    }
}
