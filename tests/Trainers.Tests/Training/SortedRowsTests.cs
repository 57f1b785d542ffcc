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
    public void What_the_pool_holds_and_how_the_rows_are_sorted_is_said()
    {
        Fit(Sorted(), budget: 2_048);
        Assert.Contains($"has {Rows} rows, and MemoryBudget holds 128 of them", Assert.Single(_warnings), StringComparison.Ordinal);
        Assert.Contains($"The same label stands in {Rows / Classes} rows in a row", _warnings[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Of_mixed_rows_only_the_pool_is_told_of()
    {
        Fit(Sorted().OrderBy(row => row.Features[1] * 7919 % 1_000), budget: 2_048);
        Assert.Contains("MemoryBudget holds 128", Assert.Single(_warnings), StringComparison.Ordinal);
        Assert.DoesNotContain("in a row", _warnings[0], StringComparison.Ordinal);
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
        var (held, streamed) = (Fit(Sorted(), budget: 1 << 20), Fit(Sorted(), budget: 2_048, isCached: true));
        Assert.Empty(_warnings);
        Assert.True(held > 0.99 && streamed > 0.99, $"{held} held, {streamed} streamed");
        Assert.True(Fit(Sorted(), budget: 2_048) < 0.9);
    }

    private double Fit(IEnumerable<Row> rows, long budget, bool isCached = false)
    {
        var data = _ml.Data.LoadFromEnumerable(rows);
        data = isCached ? _ml.Data.Cache(data) : data;
        data = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
        using var model = _ml.MulticlassClassification.Trainers.DenseNetwork(new() { NumberOfEpochs = 5, BatchSize = 16, LearningRate = 2e-2, MemoryBudget = budget, Network = new() { HiddenWidths = [16] } }).Fit(data);
        return _ml.MulticlassClassification.Evaluate(model.Transform(data)).MicroAccuracy;
    }

    private static IOrderedEnumerable<Row> Sorted() =>
        Enumerable.Range(0, Rows).Select(i => new Row { Features = [i % Classes, i * .01f], Label = $"c{i % Classes}" }).OrderBy(row => row.Label, StringComparer.Ordinal);

    private sealed class Row
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];

        public string Label { get; set; } = "";
    }
}
