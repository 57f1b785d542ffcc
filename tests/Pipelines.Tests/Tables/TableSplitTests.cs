using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Pipelines.Tests.Tables;

public sealed class TableSplitTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Parts_are_disjoint_complete_in_order_and_the_same_for_a_seed()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var (data, rows) = Rows(seed);
            foreach (var options in Options(seed))
            {
                var split = TableSplit.Of(data, options);
                int[] train = Ids(split.Train), test = Ids(split.Test), validation = split.Validation is null ? [] : Ids(split.Validation);
                Assert.Equal(Enumerable.Range(0, rows.Length), train.Concat(test).Concat(validation).Order());
                Assert.All([train, test, validation], part => Assert.Equal(part.Order(), part));
                var again = TableSplit.Of(data, options);
                Assert.Equal(test, Ids(again.Test));
                Assert.Equal(train.Length, split.Train.GetRowCount());
                if (options.GroupColumnName is not null)
                    Assert.Empty(test.Select(id => rows[id].Group).Intersect(train.Concat(validation).Select(id => rows[id].Group)));
                if (options.TimeColumnName is not null)
                    Assert.True(train.Concat(validation).Max(id => rows[id].Time) < test.Min(id => rows[id].Time));
                else if (options.GroupColumnName is null)
                    Assert.InRange(test.Length, options.TestShare * rows.Length - 3, options.TestShare * rows.Length + 3);
                if (options.StratifyColumnName is not null)
                {
                    foreach (var label in rows.CountBy(row => row.Label).Where(count => count.Value >= 2))
                    {
                        var share = test.Count(id => rows[id].Label == label.Key);
                        Assert.InRange(share, Math.Max(1, options.TestShare * label.Value - 2), Math.Min(label.Value - 1, options.TestShare * label.Value + 2));
                    }
                }
            }
        }
    }

    [Fact]
    public void Another_seed_gives_another_split()
    {
        var (data, _) = Rows(1);
        Assert.NotEqual(Ids(TableSplit.Of(data, new() { Seed = 1 }).Test), Ids(TableSplit.Of(data, new() { Seed = 2 }).Test));
    }

    [Fact]
    public void A_class_of_one_row_is_learned_from()
    {
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 20).Select(i => new Row { Id = i, Label = i == 7 ? "rare" : "usual" }));
        Assert.Contains(7, Ids(TableSplit.Of(data, new() { StratifyColumnName = "Label", TestShare = 0.5 }).Train));
    }

    [Fact]
    public void Numbers_are_stratified_by_their_size()
    {
        var (data, rows) = Rows(5);
        var test = Ids(TableSplit.Of(data, new() { StratifyColumnName = "Number" }).Test);
        var low = rows.OrderBy(row => row.Number).Take(rows.Length / 2).Select(row => row.Id).ToHashSet();
        Assert.InRange(test.Count(low.Contains), test.Length / 2 - 6, test.Length / 2 + 6);
    }

    [Fact]
    public void Folds_test_each_row_once()
    {
        var (data, rows) = Rows(2);
        foreach (var options in new TableSplitOptions[] { new(), new() { StratifyColumnName = "Label" }, new() { GroupColumnName = "Group" } })
        {
            var folds = TableSplit.Folds(data, 4, options);
            Assert.Equal(Enumerable.Range(0, rows.Length), folds.SelectMany(fold => Ids(fold.Test)).Order());
            Assert.All(folds, fold => Assert.Equal(Enumerable.Range(0, rows.Length), Ids(fold.Train).Concat(Ids(fold.Test)).Order()));
            if (options.GroupColumnName is not null)
                Assert.All(folds, fold => Assert.Empty(Ids(fold.Test).Select(id => rows[id].Group).Intersect(Ids(fold.Train).Select(id => rows[id].Group))));
        }

        Assert.All(TableSplit.Folds(data, 4, new() { TimeColumnName = "Time" }), fold => Assert.True(Ids(fold.Train).Max(id => rows[id].Time) < Ids(fold.Test).Min(id => rows[id].Time)));
    }

    [Theory]
    [InlineData("Group", null)]
    [InlineData(null, "Time")]
    public void One_group_or_time_leaves_a_side_empty(string? group, string? time)
    {
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 20).Select(i => new Row { Id = i, Group = "a", Time = new DateTime(2024, 1, 1) }));
        var error = Assert.Throws<InvalidDataException>(() => TableSplit.Of(data, new() { GroupColumnName = group, TimeColumnName = time, File = "t.csv" }));
        Assert.Equal((group ?? time, "t.csv", nameof(TableSplitOptions.TestShare)), (ErrorFacts.Of(error).Column, ErrorFacts.Of(error).File, ErrorFacts.Of(error).Property));
    }

    [Fact]
    public void A_time_that_is_none_is_refused_with_its_row()
    {
        var data = _ml.Data.LoadFromEnumerable("2024-01-01 2024-01-02 soon".Split(' ').Select(text => new Row { Group = text }));
        var facts = ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => TableSplit.Of(data, new() { TimeColumnName = "Group" })));
        Assert.Equal(("Group", 3L, nameof(TableSplitOptions.TimeColumnName)), (facts.Column, facts.Row, facts.Property));
    }

    [Fact]
    public void Options_are_checked()
    {
        var (data, _) = Rows(1);
        Assert.Equal(nameof(TableSplitOptions.TestShare), Assert.Throws<ArgumentOutOfRangeException>(() => TableSplit.Of(data, new() { TestShare = 1 })).ParamName);
        Assert.Equal(nameof(TableSplitOptions.TimeColumnName), Assert.Throws<ArgumentException>(() => TableSplit.Of(data, new() { GroupColumnName = "Group", TimeColumnName = "Time" })).ParamName);
        Assert.Equal(nameof(TableSplitOptions.GroupColumnName), Assert.Throws<ArgumentException>(() => TableSplit.Of(data, new() { GroupColumnName = "Grup" })).ParamName);
    }

    private static IEnumerable<TableSplitOptions> Options(int seed)
    {
        yield return new() { Seed = seed };
        yield return new() { Seed = seed, StratifyColumnName = "Label" };
        yield return new() { Seed = seed, StratifyColumnName = "Label", ValidationShare = 0.15, TestShare = 0.3 };
        yield return new() { Seed = seed, GroupColumnName = "Group" };
        yield return new() { Seed = seed, TimeColumnName = "Time", ValidationShare = 0.2 };
    }

    private static int[] Ids(IDataView data) => [.. data.GetColumn<int>("Id")];

    private (IDataView Data, Row[] Rows) Rows(int seed)
    {
        var random = new Random(seed);
        Row[] rows = [.. Enumerable.Range(0, random.Next(100, 300)).Select(i => new Row
        {
            Id = i, Label = random.Next(20) == 0 ? "rare" : $"c{random.Next(3)}", Group = $"g{random.Next(15)}", Time = new DateTime(2024, 1, 1).AddDays(random.Next(40)), Number = random.NextSingle(),
        })];
        return (_ml.Data.LoadFromEnumerable(rows), rows);
    }

    private sealed class Row
    {
        public int Id { get; set; }

        public string Label { get; set; } = "";

        public string Group { get; set; } = "";

        public DateTime Time { get; set; }

        public float Number { get; set; }
    }
}
