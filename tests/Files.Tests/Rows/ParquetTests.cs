using Microsoft.ML;
using Microsoft.ML.Data;
using Parquet;
using Parquet.Schema;
using Sconce.Files.Rows;
using Sconce.Tests;

namespace Sconce.Files.Tests.Rows;

/// <summary>Parquet files, most of them written by the library itself, as other programs write them.</summary>
public sealed class ParquetTests : IDisposable
{
    private static readonly VectorDataViewType _pair = new(NumberDataViewType.Single, 2);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Numbers of every type that a file may have, as numbers of every type that a model may read.</summary>
    [Fact]
    public async Task Numbers_are_converted_and_those_that_cannot_be_make_their_row_bad()
    {
        DataField[] fields = [new("whole", typeof(long), isNullable: false), new("real", typeof(double), isNullable: true), new("text", typeof(string), isNullable: true), new("truth", typeof(bool), isNullable: false)];
        var path = await WriteAsync(fields, async group =>
        {
            await Write<long>(group, fields[0], 7, 256, -1, 0);
            await WriteNullable<double>(group, fields[1], 7, 0.5, double.NaN, null);
            await group.WriteAsync(fields[2], ["7", "x", "256", null]);
            await Write<bool>(group, fields[3], true, false, true, true);
        });
        var bytes = NumberDataViewType.Byte;
        Check(new("whole", bytes), ["7", "0"], "2: column 'whole' is 256; a whole number from 0 to 255 is expected", "3: column 'whole' is -1; a whole number from 0 to 255 is expected");
        Check(new("real", bytes), ["7"], "2: column 'real' is 0.5; a whole number from 0 to 255 is expected", "3: column 'real' is NaN; a whole number from 0 to 255 is expected", "4: column 'real' is null; a finite number is expected");
        Check(new("text", bytes), ["7"], "2: column 'text' is 'x'; a finite number is expected", "3: column 'text' is '256'; a whole number from 0 to 255 is expected", "4: column 'text' is null; a finite number is expected");
        Check(new("truth", bytes), ["1", "0", "1", "1"]);
        Check(new("whole", NumberDataViewType.Single) { IsFinite = true }, ["7", "256", "-1", "0"]);
        Check(new("real", NumberDataViewType.Single) { IsFinite = true }, ["7", "0.5"], "3: column 'real' is NaN; a finite number is expected", "4: column 'real' is null; a finite number is expected");
        Check(new("real", NumberDataViewType.Double), ["7", "0.5", "NaN", "NaN"]);
        Check(new("text", NumberDataViewType.Single), ["7", "256", "NaN"], "2: column 'text' is 'x'; a number is expected");
        Check(new("whole", TextDataViewType.Instance), ["7", "256", "-1", "0"]);
        Check(new("real", TextDataViewType.Instance), ["7", "0.5", "NaN", ""]);
        Check(new("text", TextDataViewType.Instance), ["7", "x", "256", ""]);
        Check(new("truth", TextDataViewType.Instance), ["true", "false", "true", "true"]);
        Check(new("whole", BooleanDataViewType.Instance), ["False", "False"], "1: column 'whole' is 7; true or false is expected", "2: column 'whole' is 256; true or false is expected");

        void Check(RequestedColumn column, string[] values, params string[] bad)
        {
            var read = RowFiles.ReadAll(path, column);
            Assert.Equal(column.Type, read.Schema[0].Type);
            Assert.Equal(values, Enumerable.Range(0, read.Count).Select(row => RowFiles.Print(read.Columns[0], row)));
            Assert.Equal(bad, read.Bad.Select(row => $"{row.Place.Row}: {row.Reason}"));
        }
    }

    [Fact]
    public void Keys_are_found_by_the_values_that_they_stand_for()
    {
        var rows = RandomRows.Rows(RandomRows.Schema(("Digit", NumberDataViewType.UInt32)), 4, new Random(1));
        uint[] digits = [5, 3, 4, 5];
        digits.CopyTo(((FixedValues<uint>)rows.Columns[0]).Rows(4));
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add("KeyValues", new VectorDataViewType(NumberDataViewType.Single, 2), (ref VBuffer<float> values) => values = new(2, [3, 5]));
        var read = RowFiles.ReadAll(RowFiles.Write(rows, _folder.PathOf("digits.parquet")), new RequestedColumn("Digit", new KeyDataViewType(typeof(uint), 2)) { Annotations = annotations.ToAnnotations() });
        Assert.Equal(["2", "1", "0", "2"], RowFiles.Show(read));
    }

    /// <summary>Whole numbers that are missing stay missing, whatever the file's statistics say.</summary>
    [Fact]
    public async Task A_column_without_a_type_has_the_files_own()
    {
        DataField[] fields = [new("id", typeof(long), isNullable: true), new("count", typeof(int), isNullable: true), new("real", typeof(float), isNullable: true), new("time", typeof(DateTime), isNullable: false), new("guid", typeof(Guid), isNullable: false)];
        var guid = new Guid("5fd6e0ac-56a8-45e5-8c1a-cf5c5d8fbd1b");
        var path = await WriteAsync(fields, async group =>
        {
            await WriteNullable<long>(group, fields[0], long.MaxValue, 1);
            await WriteNullable<int>(group, fields[1], null, 1);
            await WriteNullable<float>(group, fields[2], 0.5f, null);
            await Write<DateTime>(group, fields[3], DateTime.UnixEpoch, DateTime.UnixEpoch);
            await Write<Guid>(group, fields[4], guid, guid);
        });
        var read = RowFiles.ReadAll(path);
        Assert.Equal(["id", "count", "real", "time", "guid"], read.Schema.Select(column => column.Name));
        Assert.Equal<DataViewType>([NumberDataViewType.Int64, NumberDataViewType.Int32, NumberDataViewType.Single, DateTimeDataViewType.Instance, TextDataViewType.Instance], read.Schema.Select(column => column.Type));
        Assert.Equal([false, true], read.Columns.Take(2).Select(column => column.MissingOf(0).Length == 1));
        Assert.Equal([$"{long.MaxValue}", "0", "0.5"], read.Columns.Take(3).Select(column => RowFiles.Print(column, 0)));
        Assert.Equal(["1", "1", "NaN"], read.Columns.Take(3).Select(column => RowFiles.Print(column, 1)));
        Assert.Equal($"{guid}", RowFiles.Print(read.Columns[4], 1));
        // One that is passed through is told from the others by its name alone.
        Assert.Equal([$"{long.MaxValue}", "1"], RowFiles.Show(RowFiles.ReadAll(path, new RequestedColumn("ID", null) { Role = ColumnRole.Kept })));
    }

    [Fact]
    public async Task Lists_are_vectors_of_known_and_of_unknown_size()
    {
        var list = new ListField("Code", new DataField("element", typeof(int), isNullable: true));
        var path = await WriteAsync([list], group => WriteParts(group, (DataField)list.Item, [1, 2, 3, 4, 5, 6], [3, 3, 3, 3, 3, 1, 0, 3, 2], [0, 1, 0, 1, 1, 0, 0, 0, 1]));
        var pairs = RowFiles.ReadAll(path, new RequestedColumn("Code", _pair) { IsFinite = true });
        Assert.Equal(["1 2"], Enumerable.Range(0, pairs.Count).Select(row => RowFiles.Print(pairs.Columns[0], row)));
        Assert.Equal(
            ["2: column 'Code' has 3 values; 2 are expected", "3: column 'Code' has 0 values; 2 are expected", "4: column 'Code' is null; 2 values are expected", "5: value 2 of column 'Code' is null; a finite number is expected"],
            pairs.Bad.Select(row => $"{row.Place.Row}: {row.Reason}"));

        var lists = RowFiles.ReadAll(path, new RequestedColumn("Code", new VectorDataViewType(NumberDataViewType.Single)));
        Assert.Empty(lists.Bad);
        Assert.Equal(["1 2", "3 4 5", "", "", "6 NaN"], Enumerable.Range(0, lists.Count).Select(row => RowFiles.Print(lists.Columns[0], row)));
        var own = RowFiles.ReadAll(path);
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Int32), own.Schema[0].Type);
        Assert.Equal(["1 2", "3 4 5", "", "", "6 0"], RowFiles.Show(own));
        Assert.Equal([false, true], own.Columns[0].MissingOf(4).ToArray());
        Refuse(path, new("Code", NumberDataViewType.Single), "column 'Code' holds lists of Int32; Single is expected");
    }

    [Fact]
    public async Task What_cannot_be_held_is_refused_by_name_and_stands_in_nobodys_way()
    {
        DataField size = new("Size", typeof(float), isNullable: false), when = new DateTimeDataField("When", DateTimeFormat.DateAndTime);
        DataField inner = new("x", typeof(int), isNullable: false), deep = new("y", typeof(int), isNullable: false);
        var path = await WriteAsync([size, when, new StructField("Nested", inner), new ListField("Deep", new StructField("element", deep))], async group =>
        {
            await Write<float>(group, size, 2f);
            await Write<DateTime>(group, when, DateTime.UnixEpoch);
            await WriteParts(group, inner, [1], [1], null);
            await WriteParts(group, deep, [2], [3], [0]);
        });
        Assert.Equal(["2"], Enumerable.Range(0, 1).Select(row => RowFiles.Print(RowFiles.ReadAll(path, new RequestedColumn("Size", NumberDataViewType.Single)).Columns[0], row)));
        Assert.Equal(["1"], RowFiles.Show(RowFiles.ReadAll(path, new RequestedColumn("Nested.x", NumberDataViewType.Int32))));
        Refuse(path, new("Nested", null) { Role = ColumnRole.Kept }, "has no column 'Nested'", "Nested.x");
        Refuse(path, new("Deep", null) { Role = ColumnRole.Kept }, "column 'Deep' holds lists of columns, which cannot be read");
        Refuse(path, new("When", NumberDataViewType.Single), "column 'When' holds DateTime; Single is expected");
        Refuse(path, new("Size", DateTimeDataViewType.Instance), "column 'Size' holds Single; DateTime is expected");
        Refuse(path, new("Size", new VectorDataViewType(NumberDataViewType.Single)), "column 'Size' holds Single; Vector<Single> is expected");
        Assert.Contains("column 'Deep'", Assert.Throws<InvalidDataException>(() => RowFiles.ReadAll(path)).Message, StringComparison.Ordinal);
    }

    /// <summary>The one vector of a file of numbers has as many columns as it has values, whatever their names.</summary>
    [Fact]
    public async Task A_vector_is_found_by_the_number_of_columns()
    {
        DataField[] fields = [new("first", typeof(int), isNullable: false), new("second", typeof(double), isNullable: false)];
        var path = await WriteAsync(fields, async group =>
        {
            await Write<int>(group, fields[0], 1, 2);
            await Write<double>(group, fields[1], 0.5, 3);
        });
        var read = RowFiles.ReadAll(path, new RequestedColumn("Code", _pair) { IsFinite = true });
        Assert.Equal(["1 0.5", "2 3"], Enumerable.Range(0, 2).Select(row => RowFiles.Print(read.Columns[0], row)));
        Refuse(path, new("Code", new VectorDataViewType(NumberDataViewType.Single, 3)), "has no column 'Code'", "'Code.0' and so on, or exactly 3 columns of numbers", "Its columns are: first, second");
    }

    [Fact]
    public void Only_the_columns_that_are_asked_for_are_read()
    {
        var rows = RandomRows.Rows(RandomRows.Schema([.. Enumerable.Range(0, 40).Select(i => ($"c{i}", (DataViewType)NumberDataViewType.Double))]), 2_000, new Random(1));
        var path = RowFiles.Write(rows, _folder.PathOf("wide.parquet"));
        using var stream = new CountingStream(File.OpenRead(path));
        using var reader = RowFormats.Parquet.CreateReader(path, stream, new RowRequest([new("c7", NumberDataViewType.Double), new("c31", NumberDataViewType.Double)]));
        Assert.Equal(2_000, RowFiles.ReadAll(reader).Count);
        Assert.InRange(stream.BytesRead, 2_000 * 2 * sizeof(double) / 2, stream.Length / 8);
    }

    [Fact]
    public async Task Row_groups_that_are_skipped_are_not_read()
    {
        var path = await WriteGroupsAsync(_folder.PathOf("groups.parquet"), groups: 20, rows: 10_000);
        using var stream = new CountingStream(File.OpenRead(path));
        using var reader = RowFormats.Parquet.CreateReader(path, stream, new RowRequest([new("n", NumberDataViewType.Int64)]));
        reader.Skip(195_000);
        var rest = RowFiles.ReadAll(reader, 1_000);
        Assert.Equal(5_000, rest.Count);
        Assert.Equal("195000", RowFiles.Show(rest.Columns[0], 0));
        Assert.InRange(stream.BytesRead, 1, stream.Length / 8);
    }

    /// <summary>A group of rows is full by their number or by the length of their texts.</summary>
    [Fact]
    public async Task Long_texts_are_written_in_more_row_groups()
    {
        var schema = RandomRows.Schema(("Text", TextDataViewType.Instance), ("Number", NumberDataViewType.Int32));
        var text = new string('x', 1 << 20).AsMemory();
        var rows = RandomRows.Rows(schema, 70, new Random(1));
        ((FixedValues<ReadOnlyMemory<char>>)rows.Columns[0]).Rows(70).Fill(text);
        var path = RowFiles.Write(rows, _folder.PathOf("long.parquet"), 9);
        var whole = File.ReadAllBytes(path);
        Assert.Equal(whole, File.ReadAllBytes(RowFiles.Write(rows, _folder.PathOf("again.parquet"))));
        await using var reader = await ParquetReader.CreateAsync(path, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal([32, 32, 6], reader.RowGroups.Select(group => group.RowCount));
        Assert.Equal(Enumerable.Range(0, 70).Select(row => RowFiles.Show(rows.Columns[1], row)), RowFiles.Show(RowFiles.ReadAll(path, new RequestedColumn("Number", NumberDataViewType.Int32))));
    }

    /// <summary>Other programs pass over row groups by the smallest and the greatest value in them.</summary>
    [Fact]
    public async Task The_smallest_and_the_greatest_time_are_in_the_columns_own_unit()
    {
        var rows = RandomRows.Rows(RandomRows.Schema(("Time", DateTimeDataViewType.Instance)), 100, new Random(1));
        await using var reader = await ParquetReader.CreateAsync(RowFiles.Write(rows, _folder.PathOf("times.parquet")), cancellationToken: TestContext.Current.CancellationToken);
        var statistics = reader.RowGroups[0].RowGroup.Columns[0].MetaData!.Statistics!;
        var times = ((FixedValues<DateTime>)rows.Columns[0]).Rows(100).ToArray();
        Assert.Equal((times.Min() - DateTime.UnixEpoch).Ticks / 10, BitConverter.ToInt64(statistics.MinValue!));
        Assert.Equal((times.Max() - DateTime.UnixEpoch).Ticks / 10, BitConverter.ToInt64(statistics.MaxValue!));
        Assert.Equal(0, statistics.NullCount);
    }

    [Fact]
    public void What_Parquet_cannot_hold_is_refused_when_it_is_written()
    {
        var lists = RandomRows.Rows(RandomRows.Schema(("List", new VectorDataViewType(NumberDataViewType.Single))), 1, new Random(1));
        Assert.Contains("Column 'List'", Assert.Throws<ArgumentException>(() => RowFiles.Write(lists, _folder.PathOf("x.parquet"))).Message, StringComparison.Ordinal);
        var twins = RandomRows.Rows(RandomRows.Schema(("a", new VectorDataViewType(NumberDataViewType.Single, 2)), ("a.1", NumberDataViewType.Single)), 1, new Random(1));
        Assert.Contains("two columns 'a.1'", Assert.Throws<ArgumentException>(() => RowFiles.Write(twins, _folder.PathOf("x.parquet"))).Message, StringComparison.Ordinal);
        var days = RandomRows.Rows(RandomRows.Schema(("Lasting", TimeSpanDataViewType.Instance)), 1, new Random(1));
        ((FixedValues<TimeSpan>)days.Columns[0]).Row(0)[0] = TimeSpan.FromHours(36);
        Assert.Contains("Column 'Lasting' has the duration 1.12:00:00", Assert.Throws<ArgumentException>(() => RowFiles.Write(days, _folder.PathOf("x.parquet"))).Message, StringComparison.Ordinal);
    }

    /// <summary>Cut anywhere, it is refused by name, and never read as fewer rows.</summary>
    [Fact]
    public void A_file_that_is_cut_short_is_refused()
    {
        var rows = RandomRows.Rows(RandomRows.Schema(("n", NumberDataViewType.Int64), ("t", TextDataViewType.Instance)), 50, new Random(1));
        var whole = File.ReadAllBytes(RowFiles.Write(rows, _folder.PathOf("whole.parquet")));
        for (var length = 0; length < whole.Length; length += length < 16 ? 1 : 23)
            Refuse(_folder.Write("cut.parquet", whole[..length]), new("n", NumberDataViewType.Int64), "cut.parquet' cannot be read as Parquet: ", "It is damaged or cut short: fetch or write it again.");
    }

    /// <summary>Row groups of whole numbers in order, in a column 'n'.</summary>
    private static async Task<string> WriteGroupsAsync(string path, int groups, int rows)
    {
        var field = new DataField("n", typeof(long), isNullable: false);
        await using var stream = File.Create(path);
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(field), stream, cancellationToken: TestContext.Current.CancellationToken);
        for (var i = 0; i < groups; i++)
        {
            using var group = writer.CreateRowGroup();
            await group.WriteAsync<long>(field, Enumerable.Range(i * rows, rows).Select(n => (long)n).ToArray(), cancellationToken: TestContext.Current.CancellationToken);
        }

        return path;
    }

    private async Task<string> WriteAsync(Field[] fields, Func<ParquetRowGroupWriter, Task> write)
    {
        var path = _folder.PathOf("foreign.parquet");
        await using var stream = File.Create(path);
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), stream, cancellationToken: TestContext.Current.CancellationToken);
        using var group = writer.CreateRowGroup();
        await write(group);
        return path;
    }

    private static Task Write<T>(ParquetRowGroupWriter group, DataField field, params T[] values)
        where T : struct => group.WriteAsync<T>(field, values, cancellationToken: TestContext.Current.CancellationToken);

    private static Task WriteNullable<T>(ParquetRowGroupWriter group, DataField field, params T?[] values)
        where T : struct => group.WriteAsync<T>(field, values, cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>Values, and which of them are there, and which begin a list.</summary>
    private static Task WriteParts(ParquetRowGroupWriter group, DataField field, int[] values, int[] definitions, int[]? repetitions) =>
        group.WriteAllPartsAsync<int>(field, values, definitions, repetitions is null ? null : (ReadOnlyMemory<int>)repetitions, TestContext.Current.CancellationToken);

    private static void Refuse(string path, RequestedColumn column, params string[] parts)
    {
        var refusal = Assert.Throws<InvalidDataException>(() => RowFiles.ReadAll(path, column));
        Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
        foreach (var part in parts)
            Assert.Contains(part, refusal.Message, StringComparison.Ordinal);
    }
}
