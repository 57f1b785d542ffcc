using Microsoft.ML.Data;
using Sconce.Files.Rows;
using Sconce.Tests;

namespace Sconce.Files.Tests.Rows;

/// <summary>What is written in a format is read from it as it was, to the last bit.</summary>
public sealed class RoundTripTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Formats that hold any columns.</summary>
    public static TheoryData<string> Formats => [.. RowFormats.All.Where(format => !format.HoldsOneColumn).Select(format => format.Name)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Formats))]
    public void Random_columns_of_all_types_and_sizes_come_back(string format)
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var random = new Random(seed);
            var rows = RandomRows.Rows(RandomRows.Schema(random, HoldsLists(format)), seed % 5 * 60 + seed % 3, random);
            var read = RowFiles.ReadAll(RowFiles.Write(rows, PathOf(format)), RowFiles.Request(rows.Schema));
            Assert.Empty(read.Bad);
            Assert.Equal(rows.Schema.Select(column => (column.Name, column.Type)), read.Schema.Select(column => (column.Name, column.Type)));
            Assert.Equal(RowFiles.Show(rows), RowFiles.Show(read));
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_type_comes_back_alone_and_as_a_vector(string format)
    {
        foreach (var item in RandomRows.Types)
        {
            List<DataViewType> types = [item, new VectorDataViewType(item, 1), new VectorDataViewType(item, 2, 3)];
            if (HoldsLists(format))
                types.Add(new VectorDataViewType(item));
            foreach (var type in types)
            {
                var rows = RandomRows.Rows(RandomRows.Schema(("Only", type)), 40, new Random(1));
                var read = RowFiles.ReadAll(RowFiles.Write(rows, PathOf(format)), RowFiles.Request(rows.Schema));
                Assert.Equal(RowFiles.Show(rows), RowFiles.Show(read));
            }
        }
    }

    /// <summary>Outputs that are made in one go and those that were broken off and continued have to be the same.</summary>
    [Theory]
    [MemberData(nameof(Formats))]
    public void A_files_bytes_do_not_depend_on_how_its_rows_are_cut_into_batches(string format)
    {
        var random = new Random(5);
        var rows = RandomRows.Rows(RandomRows.Schema(random, HoldsLists(format)), 1_000, random);
        var whole = File.ReadAllBytes(RowFiles.Write(rows, PathOf(format)));
        Assert.Equal(whole, File.ReadAllBytes(RowFiles.Write(rows, PathOf(format), 1)));
        Assert.Equal(whole, File.ReadAllBytes(RowFiles.Write(rows, PathOf(format), 7, 256, 3)));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Rows_that_are_skipped_are_as_if_they_were_read_and_dropped(string format)
    {
        var rows = RandomRows.Rows(RandomRows.Schema(("Number", NumberDataViewType.Int64), ("Vector", new VectorDataViewType(NumberDataViewType.Single, 3))), 200, new Random(2));
        var path = RowFiles.Write(rows, PathOf(format));
        foreach (var skipped in new[] { 0, 1, 99, 199, 200, 500 })
        {
            using var reader = RowFiles.Open(path, RowFiles.Request(rows.Schema));
            reader.Skip(skipped);
            Assert.Equal(Math.Min(skipped, 200), reader.Position);
            var rest = RowFiles.ReadAll(reader);
            Assert.Equal(RowFiles.Show(rows).Skip(skipped), RowFiles.Show(rest));
            Assert.Equal(200, reader.Position);
            if (rest.Count > 0)
                Assert.Equal((path, skipped + 1L), (rest.Place(0).File, rest.Place(0).Row));
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Rows_are_skipped_in_the_midst_of_reading(string format)
    {
        var rows = RandomRows.Rows(RandomRows.Schema(("Number", NumberDataViewType.Int32)), 90, new Random(2));
        using var reader = RowFiles.Open(RowFiles.Write(rows, PathOf(format)), RowFiles.Request(rows.Schema));
        var batch = new RowBatch(reader.Schema, 10);
        Assert.True(reader.Fill(batch, 10));
        reader.Skip(35);
        Assert.Equal(RowFiles.Show(rows).Skip(45), RowFiles.Show(RowFiles.ReadAll(reader)));
    }

    /// <summary>Columns are found by name, in any order, some of them, and by a name in other case.</summary>
    [Theory]
    [MemberData(nameof(Formats))]
    public void Some_of_the_columns_are_read_in_the_order_in_which_they_are_asked_for(string format)
    {
        var rows = RandomRows.Rows(RandomRows.Schema(("a", NumberDataViewType.Int32), ("b", new VectorDataViewType(NumberDataViewType.Double, 2)), ("c", TextDataViewType.Instance)), 20, new Random(3));
        var read = RowFiles.ReadAll(RowFiles.Write(rows, PathOf(format)), new("C", TextDataViewType.Instance), new("b", rows.Schema["b"].Type));
        Assert.Equal(Enumerable.Range(0, 20).Select(row => $"{RowFiles.Show(rows.Columns[2], row)} | {RowFiles.Show(rows.Columns[1], row)}"), RowFiles.Show(read));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_column_that_is_not_there_is_named_with_the_nearest_one(string format)
    {
        var path = RowFiles.Write(RandomRows.Rows(RandomRows.Schema(("Petal", NumberDataViewType.Single), ("Sepal", NumberDataViewType.Single)), 3, new Random(1)), PathOf(format));
        var refusal = Assert.Throws<InvalidDataException>(() => RowFiles.ReadAll(path, new RequestedColumn("Pedal", NumberDataViewType.Single), new("Sepal", NumberDataViewType.Single)));
        Assert.Contains($"'{path}' has no column 'Pedal' (did you mean 'Petal'?)", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Petal, Sepal", refusal.Message, StringComparison.Ordinal);
    }

    private static bool HoldsLists(string format) => format is not ("csv" or "tsv" or "parquet");

    private string PathOf(string format) => _folder.PathOf($"rows{RowFormats.Named(format)!.Endings[0]}");
}
