using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using Microsoft.ML.Data;
using ParquetSharp;
using Sconce.Files.Rows;
using Sconce.Tests;
using Column = ParquetSharp.Column;

namespace Sconce.Files.Tests.Rows;

/// <summary>Types of other programs' files, most of them files of the Parquet and Arrow projects: what they mean, what is bad about single values, and how they are passed through.</summary>
public sealed class StoredTypeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Texts_that_are_no_UTF_8_are_bad_rows()
    {
        var bad = Assert.Single(RowFiles.ReadAll(CaseFiles.PathOf("bad-utf8.parquet"), new RequestedColumn("X1", TextDataViewType.Instance)).Bad);
        Assert.Equal(1, bad.Place.Row);
        Assert.StartsWith("column 'X1' is not valid UTF-8: the bytes 5452454C", bad.Reason, StringComparison.Ordinal);

        byte[][] texts = ["a"u8.ToArray(), [0xC3, 0x28], "c"u8.ToArray()];
        var list = new ListArray.Builder(BinaryType.Default);
        foreach (var text in texts)
        {
            list.Append();
            ((BinaryArray.Builder)list.ValueBuilder).Append(text.AsSpan());
        }

        var binary = new BinaryArray.Builder();
        foreach (var text in texts)
            binary.Append(text.AsSpan());
        var data = binary.Build().Data;
        var path = WriteArrow(("t", new StringArray(new ArrayData(StringType.Default, 3, 0, 0, data.Buffers))));
        var read = RowFiles.ReadAll(path, new RequestedColumn("t", TextDataViewType.Instance));
        Assert.Equal(["a", "c"], Print(read, 0));
        Assert.Equal("2: column 't' is not valid UTF-8: the bytes C328; text in UTF-8 is expected", Assert.Single(Bad(read)));
    }

    [Fact]
    public void Numbers_that_a_column_cannot_represent_are_bad_rows()
    {
        var path = WriteParquet([new Column<double>("A")], group => Write<double>(group, [1, 1e300, double.PositiveInfinity, -1e39]));
        var read = RowFiles.ReadAll(path, new RequestedColumn("A", NumberDataViewType.Single));
        Assert.Equal(["1", "∞"], Print(read, 0).Select(text => text.Replace("Infinity", "∞", StringComparison.Ordinal)));
        Assert.Equal(["2: column 'A' is 1E+300, which Single cannot represent", "4: column 'A' is -1E+39, which Single cannot represent"], Bad(read));
    }

    [Fact]
    public void Times_out_of_range_are_bad_rows()
    {
        var old = RowFiles.ReadAll(CaseFiles.PathOf("int96_from_spark.parquet"), new RequestedColumn("a", DateTimeDataViewType.Instance));
        Assert.Equal(6, old.Count + old.Bad.Count);
        Assert.NotEmpty(old.Bad);
        Assert.NotEqual(0, old.Count);
        Assert.Contains(old.Bad, bad => bad.Reason.EndsWith("a time in the years 1 to 9999 is expected", StringComparison.Ordinal));

        foreach (var column in new[] { "f1", "f2", "f3" })
        {
            var durations = RowFiles.ReadAll(CaseFiles.PathOf("durations.arrow"), new RequestedColumn(column, null) { Role = ColumnRole.Kept });
            Assert.Equal(17, durations.Count + durations.Bad.Count);
            Assert.NotEmpty(durations.Bad);
            Assert.NotEqual(0, durations.Count);
        }

        var path = WriteParquet([new Column(typeof(long), "When", LogicalType.Timestamp(isAdjustedToUtc: true, ParquetSharp.TimeUnit.Micros)), new Column(typeof(int), "Day", LogicalType.Date()), new Column(typeof(int), "Clock", LogicalType.Time(isAdjustedToUtc: false, ParquetSharp.TimeUnit.Millis))], group =>
        {
            WriteRaw<long>(group, [-1, long.MaxValue, 0, 0]);
            WriteRaw(group, [0, 0, int.MinValue, 0]);
            WriteRaw(group, [0, 0, 0, 86_400_000]);
        });
        var read = RowFiles.ReadAll(path);
        Assert.Equal(1, read.Count);
        Assert.Equal([2L, 3L, 4L], read.Bad.Select(bad => bad.Place.Row));
        Assert.Equal(["'When'", "'Day'", "'Clock'"], read.Bad.Select(bad => bad.Reason.Split(' ')[1]));
        Assert.Contains($"{long.MaxValue}", read.Bad[0].Reason, StringComparison.Ordinal);
    }

    /// <summary>The first file says what is kept: a day has no time of day, and a time without a zone no zone.</summary>
    [Theory]
    [InlineData("day", "local", "times without a time zone", "dates")]
    [InlineData("day", "utc", "times in UTC", "dates")]
    [InlineData("local", "utc", "times in UTC", "times without a time zone")]
    [InlineData("utc", "local", "times without a time zone", "times in UTC")]
    [InlineData("day", "csv", "times in UTC", "dates")]
    [InlineData("local", "jsonl", "times in UTC", "times without a time zone")]
    [InlineData("clock", "duration", "durations", "times of day")]
    public void Times_that_are_kept_are_of_one_kind_in_all_files(string first, string second, string found, string kept)
    {
        using var reader = Open(first, new RequestedColumn("T", null) { Role = ColumnRole.Kept });
        var asked = new RequestedColumn("T", reader.Schema[0].Type) { Role = ColumnRole.Kept, Annotations = reader.Schema[0].Annotations };
        var refusal = Assert.Throws<InvalidDataException>(() => Open(second, asked).Dispose()).Message;
        foreach (var part in (string[])[$"{second}", "column 'T'", $"read as {found}", $"have {kept}"])
            Assert.Contains(part, refusal, StringComparison.Ordinal);
        Open(first, asked).Dispose();
        // What a model reads is a time in any case.
        Open(second, asked with { Role = ColumnRole.Feature, Annotations = null }).Dispose();

        RowReader Open(string kind, RequestedColumn column)
        {
            var ending = kind is "csv" or "jsonl" ? kind : kind is "clock" or "duration" ? "arrow" : "parquet";
            var path = _folder.PathOf($"{kind}.{ending}");
            if (kind is "csv" or "jsonl")
                File.WriteAllText(path, kind == "csv" ? "T\n2003-12-31T10:00:00\n" : "{\"T\":\"2003-12-31T10:00:00\"}\n");
            else if (kind is "clock" or "duration")
                File.Move(WriteArrow(("T", kind == "clock" ? new Time64Array.Builder(Apache.Arrow.Types.TimeUnit.Microsecond).Append(TimeOnly.MinValue).Build() : new DurationArray.Builder(DurationType.Second).Append(TimeSpan.FromSeconds(5)).Build())), path, overwrite: true);
            else if (kind == "day")
                File.Move(WriteParquet([new Column(typeof(int), "T", LogicalType.Date())], group => WriteRaw(group, [5])), path, overwrite: true);
            else
                File.Move(WriteParquet([new Column(typeof(long), "T", LogicalType.Timestamp(isAdjustedToUtc: kind == "utc", ParquetSharp.TimeUnit.Micros))], group => WriteRaw<long>(group, [5])), path, overwrite: true);
            return RowFiles.Open(path, column);
        }
    }

    /// <summary>As CSV has it: text of a day has no time of day.</summary>
    [Fact]
    public void A_day_as_text_is_a_day()
    {
        var path = WriteParquet([new Column(typeof(int), "Day", LogicalType.Date())], group => WriteRaw(group, [12_417]));
        Assert.Equal(["2003-12-31"], Print(RowFiles.ReadAll(path, new RequestedColumn("Day", TextDataViewType.Instance)), 0));
    }

    [Fact]
    public void A_time_of_a_day_is_no_point_in_time()
    {
        var path = CaseFiles.PathOf("naive-times.parquet");
        foreach (var type in new DataViewType[] { DateTimeDataViewType.Instance, DateTimeOffsetDataViewType.Instance })
            Assert.Contains("column 't' holds TimeSpan", Assert.Throws<InvalidDataException>(() => RowFiles.ReadAll(path, new RequestedColumn("t", type))).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => RowFiles.ReadAll(path, new RequestedColumn("ts", TimeSpanDataViewType.Instance)));
    }

    [Fact]
    public void A_column_of_an_unknown_type_matters_to_who_reads_it_alone()
    {
        var path = CaseFiles.PathOf("variant.parquet");
        Assert.NotEqual(0, RowFiles.ReadAll(path, new RequestedColumn("id", NumberDataViewType.Single)).Count);
        Assert.Contains("column 'var' holds values of Parquet's type Variant", Assert.Throws<InvalidDataException>(() => RowFiles.ReadAll(path, new RequestedColumn("var", null) { Role = ColumnRole.Kept })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("encrypted.parquet")]
    [InlineData("encrypted.bin")]
    public void Encrypted_Parquet_is_called_so(string name)
    {
        var path = CaseFiles.PathOf(name);
        var refusal = Assert.Throws<InvalidDataException>(() => RowFiles.ReadAll(path));
        Assert.Contains($"'{path}' is an encrypted Parquet file", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("damaged", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decimals_are_read_as_the_nearest_numbers_and_kept_as_their_digits()
    {
        var fixture = RowFiles.ReadAll(CaseFiles.PathOf("decimal.parquet"), new RequestedColumn("value", NumberDataViewType.Single));
        Assert.Equal(Enumerable.Range(1, 24).Select(i => $"{i}"), Print(fixture, 0));

        Column[] columns =
        [
            new Column<decimal>("wide", LogicalType.Decimal(29, 3)), new Column<decimal?>("holed", LogicalType.Decimal(29, 1)),
            new Column(typeof(int), "int", LogicalType.Decimal(9, 2)), new Column(typeof(long), "long", LogicalType.Decimal(18, 4)),
        ];
        var path = WriteParquet(columns, group =>
        {
            Write<decimal>(group, [0.1m, -1234.5m]);
            Write<decimal?>(group, [null, 0.3m]);
            WriteRaw(group, [-5, 100]);
            WriteRaw<long>(group, [1, -123_456_789_012_345_678]);
        });
        Assert.Equal(["0.100 |  | -0.05 | 0.0001", "-1234.500 | 0.3 | 1.00 | -12345678901234.5678"], RowFiles.Show(RowFiles.ReadAll(path)));
        var numbers = RowFiles.ReadAll(path, [.. columns.Select(column => new RequestedColumn(column.Name, NumberDataViewType.Single))]);
        Assert.Empty(numbers.Bad);
        Assert.Equal([0.1f, float.NaN, -0.05f, 0.0001f], numbers.Columns.Select(column => ((FixedValues<float>)column).Row(0)[0]));
        Assert.Equal([-1234.5f, 0.3f, 1f, -12345678901234.5678f], numbers.Columns.Select(column => ((FixedValues<float>)column).Row(1)[0]));
        Assert.Throws<InvalidDataException>(() => RowFiles.ReadAll(path, new RequestedColumn("int", DateTimeDataViewType.Instance)));

        var arrow = WriteArrow(
            ("d32", new Decimal32Array.Builder(new Decimal32Type(9, 2)).Append(-0.05m).AppendNull().Build()),
            ("d64", new Decimal64Array.Builder(new Decimal64Type(18, 2)).Append(0.1m).AppendNull().Build()),
            ("d128", new Decimal128Array.Builder(new Decimal128Type(38, 3)).Append(-1234.5m).AppendNull().Build()),
            ("d256", new Decimal256Array.Builder(new Decimal256Type(60, 0)).Append("-123456789012345678901234567890123456789").AppendNull().Build()));
        Assert.Equal(["-0.05 | 0.10 | -1234.500 | -123456789012345678901234567890123456789", " |  |  | "], RowFiles.Show(RowFiles.ReadAll(arrow)));
        var read = RowFiles.ReadAll(arrow, new RequestedColumn("d64", NumberDataViewType.Single));
        Assert.Equal([0.1f, float.NaN], ((FixedValues<float>)read.Columns[0]).Rows(2).ToArray());
    }

    [Fact]
    public void Texts_without_annotation_are_texts_and_types_depend_on_the_schema_alone()
    {
        string[] names = ["id", "bool_col", "bigint_col", "float_col", "date_string_col", "string_col", "timestamp_col"];
        var read = RowFiles.ReadAll(CaseFiles.PathOf("no-statistics.parquet"), [.. names.Select(name => new RequestedColumn(name, null) { Role = ColumnRole.Kept })]);
        Assert.Empty(read.Bad);
        Assert.Equal<DataViewType>([NumberDataViewType.Int32, BooleanDataViewType.Instance, NumberDataViewType.Int64, NumberDataViewType.Single, TextDataViewType.Instance, TextDataViewType.Instance, DateTimeDataViewType.Instance], read.Schema.Select(column => column.Type));
        Assert.Equal("01/01/09", RowFiles.Print(read.Columns[4], 0)[..8].Replace("03/01/09", "01/01/09", StringComparison.Ordinal).Replace("04/01/09", "01/01/09", StringComparison.Ordinal).Replace("02/01/09", "01/01/09", StringComparison.Ordinal));
    }

    [Fact]
    public void Fields_of_structs_are_columns()
    {
        var inner = new Int32Array.Builder().Append(7).Append(8).AppendNull().Build();
        var structure = new StructArray(new StructType([new Field("b", Int32Type.Default, nullable: true)]), 3, [inner], new ArrowBuffer.BitmapBuilder().Append(true).Append(false).Append(true).Build(), nullCount: 1);
        var path = WriteArrow(("a", structure));
        Assert.Equal(["7", "NaN", "NaN"], Print(RowFiles.ReadAll(path, new RequestedColumn("a.b", NumberDataViewType.Single)), 0));
    }

    [Fact]
    public void Runs_views_of_lists_and_columns_without_values_are_read()
    {
        var runs = new RunEndEncodedArray(new Int32Array.Builder().Append(2).Append(3).Append(5).Build(), new FloatArray.Builder().Append(0.5f).AppendNull().Append(2).Build());
        var list = new ListViewArray.Builder(Int32Type.Default);
        foreach (int[]? row in new int[]?[] { [1, 2], null, [3], [], [4] })
        {
            _ = row is null ? list.AppendNull() : list.Append();
            ((Int32Array.Builder)list.ValueBuilder).AppendRange(row ?? []);
        }

        var path = WriteArrow(("ree", runs), ("views", list.Build()), ("none", new NullArray(5)));
        var read = RowFiles.ReadAll(path, new RequestedColumn("ree", NumberDataViewType.Single), new RequestedColumn("views", new VectorDataViewType(NumberDataViewType.Int32)), new RequestedColumn("none", NumberDataViewType.Single));
        Assert.Equal(["0.5", "0.5", "NaN", "2", "2"], Print(read, 0));
        Assert.Equal(["1 2", "", "3", "", "4"], Print(read, 1));
        Assert.Equal(Enumerable.Repeat("NaN", 5), Print(read, 2));
    }

    /// <summary>What is passed through keeps its type and what is missing, in each format, and when parts are joined.</summary>
    [Fact]
    public void Columns_that_are_passed_through_stay_what_they_are()
    {
        Column[] columns =
        [
            new Column<DateTime>("local", LogicalType.Timestamp(isAdjustedToUtc: false, ParquetSharp.TimeUnit.Micros)), new Column<DateTime?>("utc", LogicalType.Timestamp(isAdjustedToUtc: true, ParquetSharp.TimeUnit.Micros)),
            new Column<Date?>("day"), new Column<TimeSpan?>("clock", LogicalType.Time(isAdjustedToUtc: false, ParquetSharp.TimeUnit.Micros)), new Column<long?>("id"), new Column<bool?>("truth"),
        ];
        var time = new DateTime(2024, 3, 10, 1, 2, 3);
        var source = WriteParquet(columns, group =>
        {
            Write<DateTime>(group, [time, time]);
            Write<DateTime?>(group, [time, null]);
            Write<Date?>(group, [new Date(2024, 3, 10), null]);
            Write<TimeSpan?>(group, [time.TimeOfDay, null]);
            Write<long?>(group, [long.MaxValue, null]);
            Write<bool?>(group, [true, null]);
        });
        var rows = RowFiles.ReadAll(source);
        Assert.Empty(rows.Bad);
        Assert.Equal(
            """
            local,utc,day,clock,id,truth
            2024-03-10T01:02:03.0000000,2024-03-10T01:02:03.0000000Z,2024-03-10,01:02:03,9223372036854775807,true
            2024-03-10T01:02:03.0000000,,,,,

            """.ReplaceLineEndings("\n"),
            File.ReadAllText(RowFiles.Write(rows, _folder.PathOf("kept.csv"))));
        Assert.EndsWith("""{"local":"2024-03-10T01:02:03.0000000","utc":null,"day":null,"clock":null,"id":null,"truth":null}""" + "\n", File.ReadAllText(RowFiles.Write(rows, _folder.PathOf("kept.jsonl"))), StringComparison.Ordinal);

        var parquet = RowFiles.Write(rows, _folder.PathOf("kept.parquet"));
        using (var reader = new ParquetFileReader(parquet))
        {
            Assert.Equal([false, true], Enumerable.Range(0, 2).Select(i => ((TimestampLogicalType)reader.FileMetaData.Schema.Column(i).LogicalType).IsAdjustedToUtc));
            Assert.IsType<DateLogicalType>(reader.FileMetaData.Schema.Column(2).LogicalType);
            Assert.False(Assert.IsType<TimeLogicalType>(reader.FileMetaData.Schema.Column(3).LogicalType).IsAdjustedToUtc);
            using var group = reader.RowGroup(0);
            using var ids = group.Column(4).LogicalReader<long?>();
            Assert.Equal([long.MaxValue, null], ids.ReadAll(2));
        }

        var arrow = RowFiles.Write(rows, _folder.PathOf("kept.arrow"));
        using (var reader = ArrowFileReader.FromFile(arrow))
        {
            Assert.Equal(["timestamp", "timestamp", "date32", "time64", "int64", "bool"], reader.Schema.FieldsList.Select(field => field.DataType.Name));
            Assert.Equal([null, "UTC"], reader.Schema.FieldsList.Take(2).Select(field => ((TimestampType)field.DataType).Timezone));
            Assert.All(reader.Schema.FieldsList, field => Assert.True(field.IsNullable));
            Assert.Equal([0, 1, 1, 1, 1, 1], reader.ReadNextRecordBatch().Arrays.Select(array => array.NullCount));
        }

        foreach (var path in new[] { parquet, arrow })
        {
            var again = RowFiles.ReadAll(path, RowFiles.Request(rows.Schema));
            Assert.Empty(again.Bad);
            Assert.Equal(File.ReadAllText(_folder.PathOf("kept.csv")), File.ReadAllText(RowFiles.Write(again, _folder.PathOf("again.csv"))));
        }
    }

    [Fact]
    public void Lists_with_missing_whole_numbers_are_passed_through()
    {
        var list = new ListArray.Builder(Int32Type.Default);
        foreach (int?[] row in new int?[][] { [1, null], [], [2] })
        {
            list.Append();
            foreach (var value in row)
                _ = value is { } there ? ((Int32Array.Builder)list.ValueBuilder).Append(there) : ((Int32Array.Builder)list.ValueBuilder).AppendNull();
        }

        var rows = RowFiles.ReadAll(WriteArrow(("Codes", list.Build())));
        Assert.Empty(rows.Bad);
        const string Expected = "{\"Codes\":[1,null]}\n{\"Codes\":[]}\n{\"Codes\":[2]}\n";
        Assert.Equal(Expected, File.ReadAllText(RowFiles.Write(rows, _folder.PathOf("lists.jsonl"))));
        var again = RowFiles.ReadAll(RowFiles.Write(rows, _folder.PathOf("lists.arrows")), RowFiles.Request(rows.Schema));
        Assert.Equal(Expected, File.ReadAllText(RowFiles.Write(again, _folder.PathOf("again.jsonl"))));
    }

    [Fact]
    public void Pages_have_checksums_which_are_checked()
    {
        var rows = RandomRows.Rows(RandomRows.Schema(("n", NumberDataViewType.Double), ("t", TextDataViewType.Instance)), 500, new Random(1));
        var whole = File.ReadAllBytes(RowFiles.Write(rows, _folder.PathOf("whole.parquet")));
        whole[1_000] ^= 1;
        var refusal = Assert.Throws<InvalidDataException>(() => RowFiles.ReadAll(_folder.Write("flipped.parquet", whole)));
        Assert.Contains("flipped.parquet", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("CRC", refusal.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void What_the_destination_throws_comes_as_it_is()
    {
        var rows = RandomRows.Rows(RandomRows.Schema(("n", NumberDataViewType.Double)), 500, new Random(1));
        using var full = new FullStream();
        using var writer = RowFormats.Parquet.CreateWriter(full, rows.Schema);
        full.IsFull = true;
        writer.Write(rows);
        Assert.Same(full.Thrown, Assert.Throws<IOException>(writer.Finish));
    }

    private static IEnumerable<string> Print(RowBatch rows, int column) => Enumerable.Range(0, rows.Count).Select(row => RowFiles.Print(rows.Columns[column], row));

    private static IEnumerable<string> Bad(RowBatch rows) => rows.Bad.Select(bad => $"{bad.Place.Row}: {bad.Reason}");

    private static void Write<T>(RowGroupWriter group, T[] values)
    {
        using var column = group.NextColumn().LogicalWriter<T>();
        column.WriteBatch(values);
    }

    private static void WriteRaw<T>(RowGroupWriter group, T[] values)
        where T : unmanaged
    {
        using var column = (ColumnWriter<T>)group.NextColumn();
        column.WriteBatch(values);
    }

    private string WriteParquet(Column[] columns, Action<RowGroupWriter> write)
    {
        var path = _folder.PathOf("theirs.parquet");
        using var writer = new ParquetFileWriter(path, columns);
        using var group = writer.AppendRowGroup();
        write(group);
        writer.Close();
        return path;
    }

    private string WriteArrow(params (string Name, IArrowArray Values)[] columns)
    {
        var path = _folder.PathOf("theirs.arrow");
        var schema = new Schema(columns.Select(column => new Field(column.Name, column.Values.Data.DataType, nullable: true)), null);
        using var writer = new ArrowFileWriter(File.Create(path), schema);
        writer.WriteRecordBatch(new RecordBatch(schema, columns.Select(column => column.Values), columns[0].Values.Length));
        writer.WriteEnd();
        return path;
    }

    private sealed class FullStream : MemoryStream
    {
        public bool IsFull { get; set; }

        public IOException Thrown { get; } = new("No space left on device");

        public override void Write(byte[] buffer, int offset, int count)
        {
            if (IsFull)
                throw Thrown;
            base.Write(buffer, offset, count);
        }
    }
}
