using FsCheck;
using FsCheck.Fluent;
using Sconce.Trainers.Training;

namespace Sconce.Trainers.Tests.Training;

/// <summary>What a pass over the data yields, whether the rows are held or streamed: the budget alone decides which it is.</summary>
public class EpochOrderTests
{
    private sealed record Case(int Rows, int Budget, int Seed, bool TellsCount)
    {
        public int PoolRows => Math.Max(1, Budget / Indexed.RowBytes);

        public TrainingRows Open() => Indexed.Open(Indexed.View(Rows, TellsCount), Budget);
    }

    private static Arbitrary<Case> Cases(int leastRows = 1) =>
        (from rows in Gen.Choose(leastRows, 400)
         from budget in Gen.Choose(1, Indexed.RowBytes * 500)
         from seed in Gen.Choose(0, int.MaxValue)
         from tellsCount in Gen.Elements(true, false)
         select new Case(rows, budget, seed, tellsCount)).ToArbitrary();

    [Fact]
    public void Rows_are_held_exactly_when_they_fit_the_budget() => Prop.ForAll(Cases(), test =>
    {
        using var rows = test.Open();
        Assert.Equal(test.Rows, rows.Count);
        Assert.Equal(test.Rows <= test.PoolRows, rows is ResidentRows);
    }).Holds();

    [Fact]
    public void Every_pass_yields_every_row_once() => Prop.ForAll(Cases(), test =>
    {
        using var rows = test.Open();
        for (var epoch = 0; epoch < 3; epoch++)
            Assert.Equal(Enumerable.Range(0, test.Rows), Indexed.Pass(rows, unchecked(test.Seed + epoch)).Order());
    }).Holds();

    [Fact]
    public void The_order_is_the_seeds_and_no_other_pass_matters() => Prop.ForAll(Cases(), test =>
    {
        using var rows = test.Open();
        using var others = test.Open();
        var order = Indexed.Pass(rows, test.Seed);

        // A pass before it, one of them broken off in the middle as the last one of a number of steps is.
        Indexed.Pass(others, test.Seed ^ 1);
        others.BeginEpoch(test.Seed ^ 2);
        var row = new byte[others.RowBytes];
        for (var i = 0; i < test.Rows / 2; i++)
            Assert.True(others.TryNext(row));
        Assert.Equal(order, Indexed.Pass(others, test.Seed));
    }).Holds();

    [Fact]
    public void Another_seed_gives_another_order() => Prop.ForAll(Cases(leastRows: 50), test =>
    {
        using var rows = test.Open();
        var sameOrder = Indexed.Pass(rows, test.Seed).SequenceEqual(Indexed.Pass(rows, test.Seed ^ 1));

        // A pool of one row cannot shuffle; of two there are 2^48 orders of fifty rows.
        Assert.Equal(test.PoolRows == 1, sameOrder);
    }).Holds();

    [Fact]
    public void A_streamed_row_comes_no_earlier_than_its_pool_allows() => Prop.ForAll(Cases(), test =>
    {
        using var rows = test.Open();
        var order = Indexed.Pass(rows, test.Seed);

        // A row enters the pool when all but a pool of the rows up to it have been drawn: a looser bound would mean
        // that more rows were held than the budget allows.
        for (var position = 0; position < order.Count; position++)
            Assert.True(position >= order[position] - test.PoolRows + 1, $"row {order[position]} came at {position} through a pool of {test.PoolRows}");
    }).Holds();

    [Fact]
    public void Every_place_of_a_held_pass_is_equally_likely()
    {
        // Ten rows, 4,000 passes: each row is expected 400 times in each place. The sum of squares is chi-squared with
        // 81 degrees of freedom; 140 is its 99.995th percentile, and the seeds are fixed.
        using var rows = Indexed.Open(Indexed.View(10), 1 << 20);
        var seen = new int[10, 10];
        for (var seed = 0; seed < 4_000; seed++)
        {
            foreach (var (place, row) in Indexed.Pass(rows, seed).Index())
                seen[place, row]++;
        }

        var chiSquared = seen.Cast<int>().Sum(count => (count - 400.0) * (count - 400.0) / 400);
        Assert.InRange(chiSquared, 30, 140);
    }

    [Fact]
    public void Targets_are_observed_once_each_in_the_first_reading() => Prop.ForAll(Cases(), test =>
    {
        var observed = new List<long>();
        using var rows = TrainingRows.Open(
            Indexed.View(test.Rows, test.TellsCount), Indexed.Feature, Indexed.Label, test.Budget, bytes => observed.Add(BitConverter.ToInt64(bytes)), TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, test.Rows).Select(row => (long)(row * 7 % Indexed.Classes)), observed);
    }).Holds();

    [Fact]
    public void Rows_that_fit_are_read_from_the_data_once_and_every_cursor_is_closed()
    {
        var view = Indexed.View(100);
        using (var rows = Indexed.Open(view, 1 << 20))
        {
            for (var epoch = 0; epoch < 4; epoch++)
                Indexed.Pass(rows, epoch);
        }

        Assert.Equal(100, view.FeatureReads);
        Assert.Equal((1, 1), (view.CursorsOpened, view.CursorsDisposed));
    }

    [Fact]
    public void Rows_that_do_not_fit_are_read_once_a_pass_and_every_cursor_is_closed()
    {
        var view = Indexed.View(100);
        using (var rows = Indexed.Open(view, Indexed.RowBytes * 10))
        {
            // The first reading looks at the features that fill the budget, and at the targets alone from there on.
            Assert.InRange(view.FeatureReads, 0, 11);
            var before = view.FeatureReads;
            for (var epoch = 0; epoch < 4; epoch++)
                Indexed.Pass(rows, epoch);
            Assert.Equal(400, view.FeatureReads - before);
        }

        Assert.Equal((5, 5), (view.CursorsOpened, view.CursorsDisposed));
    }

    [Fact]
    public void The_first_reading_can_be_cancelled()
    {
        using var source = new CancellationTokenSource();
        var read = 0;
        var view = Indexed.View(1_000_000);
        Assert.Throws<OperationCanceledException>(() => TrainingRows.Open(view, Indexed.Feature, Indexed.Label, 1 << 20, _ =>
        {
            if (++read == 5_000)
                source.Cancel();
        }, source.Token));
        Assert.InRange(read, 5_000, 7_000);
        Assert.Equal((1, 1), (view.CursorsOpened, view.CursorsDisposed));
    }
}
