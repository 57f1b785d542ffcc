using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Pipelines.Tuning;

namespace Sconce.Pipelines.Tests.Tuning;

/// <summary>Any value, its column and its row count; how often the data is read does not.</summary>
public class DataFingerprintTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void The_same_data_has_the_same_hash_and_its_rows_are_counted()
    {
        Assert.Equal(Of(Rows()), Of(Rows()));
        Assert.Equal(3, Of(Rows()).Rows);
        Assert.Equal(32, Of(Rows()).Hash.Length);
    }

    [Fact]
    public void Any_change_gives_another()
    {
        Action<List<Row>>[] changes =
        [
            rows => rows[1].Text = "thre",
            rows => (rows[1].Text, rows[2].Text) = ("twothree", ""),
            rows => rows[2].Number = -0.5f,
            rows => rows[0].Key = 0,
            rows => rows[0].Flag = true,
            rows => rows[0].Day = new DateTime(2026, 1, 2, 0, 0, 0, DateTimeKind.Utc),
            rows => rows[0].Vector = [1, 2],
            rows => rows[0].Vector = [1, 2, 4],
            rows => (rows[0].Vector, rows[1].Vector) = ([1, 2], [3, 1, 2, 3]),
            rows => rows[2].Words = ["b", "a"],
            rows => rows.Reverse(),
            rows => rows.RemoveAt(2),
            rows => rows.Add(new()),
        ];
        var hashes = changes.Select(change =>
        {
            var rows = Rows();
            change(rows);
            return Of(rows).Hash;
        }).Append(Of(Rows()).Hash).ToList();
        Assert.Equal(hashes.Count, hashes.Distinct().Count());
    }

    [Fact]
    public void A_column_counts_by_its_name_and_type_too()
    {
        var data = _ml.Data.LoadFromEnumerable(Rows());
        string[] hashes =
        [
            Of(data).Hash,
            Of(_ml.Transforms.DropColumns("Flag").Fit(data).Transform(data)).Hash,
            Of(_ml.Transforms.CopyColumns("Copy", "Flag").Append(_ml.Transforms.DropColumns("Flag")).Fit(data).Transform(data)).Hash,
        ];
        Assert.Equal(3, hashes.Distinct().Count());
    }

    [Fact]
    public void It_can_be_cancelled() =>
        Assert.Throws<OperationCanceledException>(() => DataFingerprint.Of(_ml.Data.LoadFromEnumerable(Rows()), new CancellationToken(canceled: true)));

    private (string Hash, long Rows) Of(List<Row> rows) => Of(_ml.Data.LoadFromEnumerable(rows));

    private static (string Hash, long Rows) Of(IDataView data) => DataFingerprint.Of(data, TestContext.Current.CancellationToken);

    private static List<Row> Rows() => [new() { Text = "one" }, new() { Text = "two" }, new() { Text = "three", Number = 0.5f }];

    private sealed class Row
    {
        public string Text { get; set; } = "";

        public float Number { get; set; }

        [KeyType(5)]
        public uint Key { get; set; } = 3;

        public bool Flag { get; set; }

        public DateTime Day { get; set; } = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

        public float[] Vector { get; set; } = [1, 2, 3];

        public string[] Words { get; set; } = ["a", "b"];
    }
}
