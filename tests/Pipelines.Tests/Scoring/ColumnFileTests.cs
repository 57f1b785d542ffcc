using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files;
using Sconce.Pipelines.Catalog;
using Sconce.Tests;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tests.Scoring;

/// <summary>What is written is read back as it was, in every format.</summary>
public sealed class ColumnFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public static TheoryData<string> Formats => [.. ColumnFile.Endings.Select(ending => $"rows{ending}"), "ROWS.CSV", "Rows.Tsv.GZ", "Rows.Idx.GZ"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Formats))]
    public void Codes_come_back_to_the_last_bit(string name)
    {
        var codes = Codes(rows: 3_000, length: 5);
        var path = _folder.PathOf(name);
        var told = new List<long>();
        Assert.Equal(3_000, ColumnFile.Write(View(codes), ["Code"], path, new Recorder(told), TestContext.Current.CancellationToken));
        Assert.Equal([1024, 2048, 3000], told);
        var read = ModelRows.Open([path], new InputColumn("Code", FeatureType.Single, [5]));
        Assert.Equal(Bits(codes), Bits(read.GetColumn<float[]>("Code")));
        // A second cursor starts at the first row again.
        Assert.Equal(3_000, read.GetColumn<float[]>("Code").Count());
        Assert.Equal([path], Directory.GetFiles(_folder.FullName));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Images_come_back_as_bytes_of_the_same_shape(string name)
    {
        var images = _ml.Data.TakeRows(_ml.Data.LoadMnistTest(), 50);
        ColumnFile.Write(images, ["Image"], _folder.PathOf(name), cancellation: TestContext.Current.CancellationToken);
        var read = ModelRows.Open([_folder.PathOf(name)], InputColumn.FromSchema(images.Schema, "Image"));
        Assert.Equal(images.Schema["Image"].Type, read.Schema["Image"].Type);
        Assert.Equal(images.GetColumn<byte[]>("Image"), read.GetColumn<byte[]>("Image"));
    }

    [Theory]
    [InlineData("digits.csv.gz")]
    [InlineData("digits.parquet")]
    [InlineData("digits.arrow")]
    [InlineData("digits.idx.gz")]
    public void All_test_images_of_MNIST_come_back(string name)
    {
        var images = _ml.Data.LoadMnistTest();
        Assert.Equal(10_000, ColumnFile.Write(images, ["Image"], _folder.PathOf(name), cancellation: TestContext.Current.CancellationToken));
        using var written = images.GetColumn<byte[]>("Image").GetEnumerator();
        using var read = ModelRows.Open([_folder.PathOf(name)], InputColumn.FromSchema(images.Schema, "Image")).GetColumn<byte[]>("Image").GetEnumerator();
        while (written.MoveNext())
        {
            Assert.True(read.MoveNext());
            Assert.True(written.Current.AsSpan().SequenceEqual(read.Current));
        }

        Assert.False(read.MoveNext());
    }

    /// <summary>Two groups of rows, as one holds 4 million values.</summary>
    [Fact]
    public void A_Parquet_file_of_several_row_groups_is_read_in_order()
    {
        const int Length = 2_048, Rows = 3_000;
        var rows = Enumerable.Range(0, Rows).Select(row => new VBuffer<float>(Length, 1, [row + 0.5f], [row % Length])).Select(values => new SparseRow { Code = values });
        var schema = SchemaDefinition.Create(typeof(SparseRow));
        schema["Code"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Length);
        ColumnFile.Write(_ml.Data.LoadFromEnumerable(rows, schema), ["Code"], _folder.PathOf("many.parquet"), cancellation: TestContext.Current.CancellationToken);
        var read = ModelRows.Open([_folder.PathOf("many.parquet")], new InputColumn("Code", FeatureType.Single, [Length]));
        var row = 0;
        foreach (var values in read.GetColumn<float[]>("Code"))
        {
            Assert.Equal(row + 0.5f, values[row % Length]);
            Assert.Equal(row + 0.5f, values.Sum());
            row++;
        }

        Assert.Equal(Rows, row);
    }

    [Fact]
    public void Several_columns_stand_beside_one_another_with_a_name_for_each_value()
    {
        var data = _ml.Transforms.CopyColumns("a,b", "Label").Append(_ml.Transforms.Conversion.ConvertType("Label", outputKind: DataKind.Single))
            .Append(_ml.Transforms.Conversion.ConvertType("a,b", outputKind: DataKind.Single)).Fit(View(Codes(2, 2))).Transform(View(Codes(2, 2)));
        ColumnFile.Write(data, ["Label", "Code", "a,b"], _folder.PathOf("both.csv"), cancellation: TestContext.Current.CancellationToken);
        var lines = File.ReadAllLines(_folder.PathOf("both.csv"));
        Assert.Equal("Label,Code.0,Code.1,\"a,b\"", lines[0]);
        Assert.Equal(["0", "1"], lines.Skip(1).Select(line => line.Split(',')[0]));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void No_rows_are_a_file_without_rows(string name)
    {
        Assert.Equal(0, ColumnFile.Write(View([]), ["Code"], _folder.PathOf(name), cancellation: TestContext.Current.CancellationToken));
        Assert.Empty(ModelRows.Open([_folder.PathOf(name)], new InputColumn("Code", FeatureType.Single, [5])).GetColumn<float[]>("Code"));
    }

    [Fact]
    public void An_unknown_ending_is_refused_with_those_that_are_known()
    {
        var refusal = Assert.Throws<ArgumentException>(() => ColumnFile.Write(View(Codes(1, 5)), ["Code"], _folder.PathOf("codes.xlsx"), cancellation: TestContext.Current.CancellationToken));
        Assert.Contains("codes.xlsx' ends in '.xlsx'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($": {string.Join(", ", ColumnFile.Endings)}.", refusal.Message, StringComparison.Ordinal);
        foreach (var ending in new[] { ".csv", ".csv.gz", ".tsv", ".parquet", ".arrow", ".arrows", ".feather", ".idx", ".idx.gz" })
            Assert.Contains(ending, ColumnFile.Endings);
        Assert.DoesNotContain(".parquet.gz", ColumnFile.Endings);
        Assert.Throws<ArgumentException>(() => ColumnFile.Write(View(Codes(1, 5)), ["Code"], _folder.PathOf("codes.parquet.gz"), cancellation: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void An_IDX_file_takes_one_column()
    {
        var refusal = Assert.Throws<ArgumentException>(() => ColumnFile.Write(View(Codes(1, 5)), ["Code", "Code"], _folder.PathOf("codes.idx"), cancellation: TestContext.Current.CancellationToken));
        Assert.Equal("columns", refusal.ParamName);
        Assert.Equal(_folder.PathOf("codes.idx"), ErrorFacts.Of(refusal).File);
        Assert.Empty(Directory.GetFiles(_folder.FullName));
    }

    [Fact]
    public void A_column_that_is_missing_or_holds_no_such_numbers_is_refused_by_name()
    {
        var missing = Assert.Throws<ArgumentException>(() => ColumnFile.Write(View(Codes(1, 5)), ["Kode"], _folder.PathOf("codes.csv"), cancellation: TestContext.Current.CancellationToken));
        Assert.Contains("no column 'Kode'", missing.Message, StringComparison.Ordinal);
        Assert.Contains("Code, Label", missing.Message, StringComparison.Ordinal);
        var nearly = Assert.Throws<ArgumentException>(() => ColumnFile.Write(View(Codes(1, 5)), ["Labels"], _folder.PathOf("codes.csv"), cancellation: TestContext.Current.CancellationToken));
        Assert.Contains("no column 'Labels' to write (did you mean 'Label'?)", nearly.Message, StringComparison.Ordinal);
        var label = Assert.Throws<ArgumentException>(() => ColumnFile.Write(View(Codes(1, 5)), ["Label"], _folder.PathOf("codes.idx"), cancellation: TestContext.Current.CancellationToken));
        Assert.Contains("Column 'Label' has the type UInt32", label.Message, StringComparison.Ordinal);
        Assert.Contains("ConvertType", label.Message, StringComparison.Ordinal);
        var images = _ml.Transforms.LoadImages("Image", null, "Path").Fit(_ml.Data.LoadFromEnumerable(new[] { new { Path = "none.png" } })).Transform(_ml.Data.LoadFromEnumerable(new[] { new { Path = "none.png" } }));
        foreach (var name in new[] { "images.csv", "images.parquet", "images.arrow" })
            Assert.Contains("Column 'Image' has the type ", Assert.Throws<ArgumentException>(() => ColumnFile.Write(images, ["Image"], _folder.PathOf(name), cancellation: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.FullName));
    }

    [Theory]
    [InlineData("stopped.csv")]
    [InlineData("stopped.parquet")]
    [InlineData("stopped.arrow")]
    [InlineData("stopped.csv.gz")]
    [InlineData("stopped.idx")]
    [InlineData("stopped.idx.gz")]
    public void Stopped_or_failed_on_the_way_it_leaves_the_old_file_as_it_was(string name)
    {
        var path = _folder.Write(name, [1, 2, 3]);
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => ColumnFile.Write(View(After(1_000, stop.Cancel)), ["Code"], path, cancellation: stop.Token));
        Assert.Throws<TimeZoneNotFoundException>(() => ColumnFile.Write(View(After(1_000, () => throw new TimeZoneNotFoundException())), ["Code"], path, cancellation: TestContext.Current.CancellationToken));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(_folder.FullName));

        static IEnumerable<float[]> After(int rows, Action act)
        {
            foreach (var row in Codes(2 * rows, 5))
            {
                if (rows-- == 0)
                    act();
                yield return row;
            }
        }
    }

    private static List<float[]> Codes(int rows, int length)
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, rows).Select(_ => Enumerable.Range(0, length).Select(_ => (float)(Math.Pow(10, random.Next(-30, 30)) * (random.NextDouble() - 0.5))).ToArray())];
    }

    private IDataView View(IEnumerable<float[]> codes)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema["Code"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, codes.FirstOrDefault()?.Length ?? 5);
        return _ml.Data.LoadFromEnumerable(codes.Select((code, row) => new Row { Code = code, Label = (uint)row }), schema);
    }

    private static IEnumerable<int> Bits(IEnumerable<float[]> rows) => rows.SelectMany(row => row).Select(BitConverter.SingleToInt32Bits);

    private sealed class Row
    {
        public float[] Code { get; init; } = [];

        public uint Label { get; init; }
    }

    private sealed class SparseRow
    {
        public VBuffer<float> Code { get; init; }
    }

    private sealed class Recorder(List<long> told) : IProgress<long>
    {
        public void Report(long value) => told.Add(value);
    }
}
