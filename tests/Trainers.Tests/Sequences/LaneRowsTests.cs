using FsCheck;
using FsCheck.Fluent;
using Microsoft.ML;
using Sconce.Trainers.Training;

namespace Sconce.Trainers.Tests.Sequences;

/// <summary>Rows that follow one another: which lane reads which, and when.</summary>
public class LaneRowsTests
{
    private sealed record Case(int Rows, int Lanes, int? Distance)
    {
        public TrainingRows Open() => TrainingRows.Open(
            Indexed.View(Rows), Indexed.Feature, Indexed.Label, 1 << 20, _ => { }, TestContext.Current.CancellationToken, order: new LaneOrder(Lanes, Distance));
    }

    private static Arbitrary<Case> Cases() =>
        (from lanes in Gen.Choose(1, 20)
         from stretch in Gen.Choose(1, 20)
         from distance in Gen.Choose(1, 20)
         from rest in Gen.Choose(0, lanes - 1)
         from shared in Gen.Elements(true, false)
         select shared ? new Case(lanes * stretch + rest, lanes, null) : new Case((lanes - 1) * distance + stretch, lanes, distance)).ToArbitrary();

    [Fact]
    public void Each_lane_goes_through_its_own_stretch_in_order() => Prop.ForAll(Cases(), test =>
    {
        using var rows = test.Open();
        var pass = Indexed.Pass(rows, seed: 1);
        Assert.Equal(rows.PassLength, pass.Count);
        Assert.Equal(0, pass.Count % test.Lanes);
        var distance = test.Distance ?? test.Rows / test.Lanes;
        foreach (var (lane, stretch) in pass.Index().GroupBy(place => place.Index % test.Lanes, place => place.Item).Index())
            Assert.Equal(Enumerable.Range(lane * distance, pass.Count / test.Lanes), stretch);
    }).Holds();

    [Fact]
    public void No_row_is_left_out() => Prop.ForAll(Cases(), test =>
    {
        using var rows = test.Open();
        var read = Indexed.Pass(rows, seed: 1).ToHashSet();
        // Lanes further apart than their stretches are long do leave some out: that is what was asked for.
        if (test.Distance is null || test.Distance <= rows.PassLength / test.Lanes)
            Assert.Equal(test.Rows, read.Count);
        Assert.Contains(test.Rows - 1, read);
    }).Holds();

    [Fact]
    public void Every_epoch_is_the_same() => Prop.ForAll(Cases(), test =>
    {
        using var rows = test.Open();
        Assert.Equal(Indexed.Pass(rows, seed: 1), Indexed.Pass(rows, seed: 2));
    }).Holds();

    [Fact]
    public void Fewer_rows_than_lanes_are_refused() =>
        Sentence.Has(Assert.ThrowsAny<ArgumentException>(() => new Case(30, 50, null).Open()), "BatchSize, for a stateful network and 30 rows, is 50; it has to be at most 30.");

    [Fact]
    public void Lanes_that_would_begin_after_the_end_are_refused() =>
        Sentence.Has(Assert.ThrowsAny<ArgumentException>(() => new Case(30, 5, 8).Open()), "StatefulBatching.Stride, for 5 lanes and 30 rows, is 8; it has to be at most 7.");

    [Fact]
    public void Rows_that_do_not_fit_are_refused_with_the_bytes_that_they_take()
    {
        var refusal = Assert.Throws<InvalidDataException>(() => TrainingRows.Open(
            Indexed.View(100), Indexed.Feature, Indexed.Label, 1_000, _ => { }, TestContext.Current.CancellationToken, order: new LaneOrder(5, null)));
        Sentence.Has(refusal, $"takes {100 * Indexed.RowBytes} bytes", "MemoryBudget is 1000", "Raise MemoryBudget.");
    }

    [Fact]
    public void An_epoch_counts_what_the_lanes_read()
    {
        var ml = new MLContext(seed: 1);
        var steps = new List<(int Step, int Epoch)>();
        using var model = ml.Recurrent(Windows.Stateful with
        {
            // 23 rows, lanes one row apart: 19 steps of 5 rows.
            Network = Windows.Stateful.Network with { Stateful = new() { Stride = 1 } },
            Progress = new Immediate<TrainingProgress>(progress => steps.Add((progress.Step, progress.Epoch))),
        }).Fit(new Windows(23).Load(ml));
        Assert.Equal(Enumerable.Range(1, 38).Select(step => (step, step <= 19 ? 1 : 2)), steps);
        Assert.Equal(23, model.Model.Training.Rows);
        Assert.Equal([19, 19], model.Model.Training.History.Select(epoch => epoch.Steps));
    }
}
