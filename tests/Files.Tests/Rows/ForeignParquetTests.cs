using System.Collections;
using Microsoft.ML;
using Microsoft.ML.Data;
using ParquetSharp;
using ParquetSharp.Schema;
using Sconce.Files.Columnar;
using Sconce.Files.Parquet;
using Sconce.Files.Rows;
using Sconce.Tests;
using Packing = ParquetSharp.Compression;

namespace Sconce.Files.Tests.Rows;

/// <summary>Parquet files against Arrow's own C++ library, which pandas, R and others read and write them with.</summary>
public sealed class ForeignParquetTests : IDisposable
{
    private const int Rows = 3_000;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<Packing> Packings => [Packing.Uncompressed, Packing.Snappy, Packing.Gzip, Packing.Brotli, Packing.Zstd, Packing.Lz4];

    public static TheoryData<ParquetDataPageVersion, bool> Pages => new()
    {
        { ParquetDataPageVersion.V1, true },
        { ParquetDataPageVersion.V1, false },
        { ParquetDataPageVersion.V2, true },
        { ParquetDataPageVersion.V2, false },
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_written_here_is_read_there_to_the_last_bit()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var rows = RandomRows.Rows(RandomRows.Schema(random, hasVariable: false), 1 + seed % 5 * 60, random);
            using var reader = new ParquetFileReader(RowFiles.Write(rows, _folder.PathOf("ours.parquet")));
            Assert.Equal(rows.Count, reader.FileMetaData.NumRows);
            var fields = ReadAll(reader);
            Assert.Equal(rows.Schema.SelectMany(FlatColumns.NamesOf), fields.Select(field => field.Name));
            var next = 0;
            foreach (var column in rows.Columns.Zip(rows.Schema))
            {
                var parts = fields.Skip(next).Take(FlatColumns.NamesOf(column.Second).Count()).ToList();
                next += parts.Count;
                var separator = column.First is FixedValues<ReadOnlyMemory<char>> ? '\0' : ' ';
                for (var row = 0; row < rows.Count; row++)
                    Assert.Equal(ShowOurs(column.First, row), string.Join(separator, parts.Select(part => Show(part.Values[row]))));
            }
        }
    }

    /// <summary>A column of each type, in several row groups.</summary>
    [Theory]
    [MemberData(nameof(Packings))]
    public void What_is_packed_there_is_read_here(Packing packing) => AssertRead(new WriterPropertiesBuilder().Compression(packing));

    [Theory]
    [MemberData(nameof(Pages))]
    public void Pages_of_either_version_are_read_with_dictionaries_and_without(ParquetDataPageVersion version, bool hasDictionary)
    {
        var properties = new WriterPropertiesBuilder().DataPageVersion(version).DataPagesize(1_000).EnablePageChecksum().EnableWritePageIndex();
        AssertRead(hasDictionary ? properties.EnableDictionary() : properties.DisableDictionary());
    }

    [Fact]
    public void Values_in_the_newer_encodings_are_read()
    {
        AssertRead(new WriterPropertiesBuilder().DisableDictionary()
            .Encoding("Byte", Encoding.DeltaBinaryPacked).Encoding("Int64", Encoding.DeltaBinaryPacked).Encoding("UInt32", Encoding.DeltaBinaryPacked)
            .Encoding("Single", Encoding.ByteStreamSplit).Encoding("Double", Encoding.ByteStreamSplit)
            .Encoding("Text", Encoding.DeltaLengthByteArray).Encoding("Boolean", Encoding.Rle));
        AssertRead(new WriterPropertiesBuilder().DisableDictionary().Encoding("Text", Encoding.DeltaByteArray));
    }

    [Fact]
    public void Lists_and_what_is_missing_are_read_as_elsewhere()
    {
        var path = _folder.PathOf("theirs.parquet");
        using (var writer = new ParquetFileWriter(path, [new Column<float[]>("Vector"), new Column<double?>("Number"), new Column<long?>("Whole"), new Column<string>("Text")]))
        {
            using var group = writer.AppendRowGroup();
            Write<float[]>(group, [[1, 2], [3, 4], [5, 6], [7]]);
            Write<double?>(group, [1, null, 3, 4]);
            Write<long?>(group, [1, 2, null, 4]);
            Write<string?>(group, ["a", null, "", "d"]);
            writer.Close();
        }

        RequestedColumn number = new("Number", NumberDataViewType.Double), text = new("Text", TextDataViewType.Instance);
        var numbers = RowFiles.ReadAll(path, number);
        Assert.Equal(["1", "NaN", "3", "4"], Enumerable.Range(0, numbers.Count).Select(row => RowFiles.Print(numbers.Columns[0], row)));
        Assert.Equal(["a", "", "", "d"], RowFiles.Show(RowFiles.ReadAll(path, text)));
        var rows = RowFiles.ReadAll(path, new RequestedColumn("Vector", new VectorDataViewType(NumberDataViewType.Single, 2)), new RequestedColumn("Whole", NumberDataViewType.Int64));
        Assert.Equal(["1 2", "3 4"], Enumerable.Range(0, rows.Count).Select(row => RowFiles.Print(rows.Columns[0], row)));
        Assert.Equal([3L, 4L], rows.Bad.Select(bad => bad.Place.Row));
        Assert.Contains("'Whole'", rows.Bad[0].Reason, StringComparison.Ordinal);
        Assert.Contains("'Vector'", rows.Bad[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Days_nanoseconds_milliseconds_and_halves_are_read()
    {
        var path = _folder.PathOf("theirs.parquet");
        var time = new DateTime(1969, 7, 20, 20, 17, 40, 123);
        Column[] columns =
        [
            new Column<Date>("Day"), new Column<DateTimeNanos>("Nanos"), new Column<Int96>("Old"), new Column<DateTime>("Millis", LogicalType.Timestamp(isAdjustedToUtc: false, TimeUnit.Millis)),
            new Column<TimeSpan>("Span", LogicalType.Time(isAdjustedToUtc: false, TimeUnit.Millis)), new Column<Half>("Half"), new Column<Guid>("Id"),
        ];
        var id = Guid.NewGuid();
        using (var writer = new ParquetFileWriter(path, columns))
        {
            using var group = writer.AppendRowGroup();
            Write<Date>(group, [new(1969, 7, 20)]);
            // A nanosecond before what a time here can be.
            Write<DateTimeNanos>(group, [new(new DateTimeNanos(time).Ticks + 99)]);
            var nanoseconds = time.TimeOfDay.Ticks * TimeSpan.NanosecondsPerTick;
            Write<Int96>(group, [new((int)nanoseconds, (int)(nanoseconds >> 32), 2_440_588 + (time.Date - new DateTime(1970, 1, 1)).Days)]);
            Write<DateTime>(group, [time]);
            Write<TimeSpan>(group, [time.TimeOfDay]);
            Write<Half>(group, [(Half)(-1.5)]);
            Write<Guid>(group, [id]);
            writer.Close();
        }

        var read = RowFiles.ReadAll(path);
        Assert.Equal([$"{time.Date.Ticks}", $"{time.Ticks}", $"{time.Ticks}", $"{time.Ticks}", $"{time.TimeOfDay}", $"{BitConverter.SingleToInt32Bits(-1.5f)}", $"{id}"], read.Columns.Select(column => RowFiles.Show(column, 0)));
    }

    /// <summary>Lists that go over pages, batches and row groups, of which some are passed over.</summary>
    [Theory]
    [InlineData(0, 1_000)]
    [InlineData(0, 1)]
    [InlineData(1, 1_000)]
    [InlineData(4_500, 30_000)]
    [InlineData(4_500, 1_000_000)]
    [InlineData(29_999, 100)]
    public void Columns_with_missing_values_are_read_chunk_by_chunk_and_passed_over(int skipped, int chunkValues)
    {
        const int Count = 30_000;
        var random = new Random(3);
        var lists = Enumerable.Range(0, Count).Select(_ => random.Next(10) == 0 ? null : Enumerable.Range(0, random.Next(6)).Select(_ => random.Next(9) == 0 ? (float?)null : random.Next()).ToArray()).ToArray();
        var path = _folder.PathOf("lists.parquet");
        var texts = Enumerable.Range(0, Count).Select(row => random.Next(5) == 0 ? null : $"text {row}").ToArray();
        var wholes = Enumerable.Range(0, Count).Select(row => random.Next(5) == 0 ? (double?)null : row).ToArray();
        using (var properties = new WriterPropertiesBuilder().DataPagesize(5_000).Build())
        using (var writer = new ParquetFileWriter(path, [new Column<float?[]>("Code"), new Column<string?>("Text"), new Column<double?>("Number")], properties))
        {
            foreach (var part in Enumerable.Range(0, 3).Select(part => (part * Count / 3)..((part + 1) * Count / 3)))
            {
                using var group = writer.AppendRowGroup();
                Write(group, lists[part]);
                Write(group, texts[part]);
                Write(group, wholes[part]);
            }

            writer.Close();
        }

        RequestedColumn[] columns = [new("Code", new VectorDataViewType(NumberDataViewType.Single)), new("Text", TextDataViewType.Instance), new("Number", NumberDataViewType.Double)];
        using var reader = new ParquetRowReader(path, File.OpenRead(path), new RowRequest(columns), chunkValues);
        Assert.Equal(Count, reader.RowCount);
        reader.Skip(skipped);
        var read = RowFiles.ReadAll(reader, 777);
        Assert.Empty(read.Bad);
        Assert.Equal(texts.Skip(skipped).Select(text => text ?? ""), Enumerable.Range(0, read.Count).Select(row => RowFiles.Print(read.Columns[1], row)));
        Assert.Equal(wholes.Skip(skipped).Select(number => $"{number ?? double.NaN}"), Enumerable.Range(0, read.Count).Select(row => RowFiles.Print(read.Columns[2], row)));
        Assert.Equal(lists.Skip(skipped).Select(list => string.Join(' ', (list ?? []).Select(value => value ?? float.NaN))), Enumerable.Range(0, read.Count).Select(row => RowFiles.Print(read.Columns[0], row)));
    }

    [Fact]
    public void Lists_in_layouts_of_old_writers_are_read_and_lists_of_lists_are_refused()
    {
        var path = _folder.PathOf("old.parquet");
        PrimitiveNode Number(string name, Repetition repetition) => new(name, repetition, LogicalType.None(), PhysicalType.Int32);
        Node[] fields =
        [
            Number("Plain", Repetition.Repeated),
            new GroupNode("Two", Repetition.Optional, [Number("item", Repetition.Repeated)], LogicalType.List()),
            new GroupNode("Deep", Repetition.Optional, [new GroupNode("array", Repetition.Repeated, [Number("array", Repetition.Repeated)])], LogicalType.List()),
        ];
        using (var schema = new GroupNode("schema", Repetition.Required, fields))
        using (var properties = WriterProperties.GetDefaultWriterProperties())
        using (var writer = new ParquetFileWriter(path, schema, properties))
        {
            using var group = writer.AppendRowGroup();
            Levels([1, 1, 0], [0, 1, 0], 1, 2);
            Levels([2, 2, 1], [0, 1, 0], 3, 4);
            Levels([3, 3, 0], [0, 2, 0], 5, 6);
            writer.Close();

            void Levels(short[] definitions, short[] repetitions, params int[] values)
            {
                using var column = (ColumnWriter<int>)group.NextColumn();
                column.WriteBatch(definitions.Length, definitions, repetitions, values);
            }
        }

        var lists = new VectorDataViewType(NumberDataViewType.Int32);
        Assert.Equal(["1 2 | 3 4", " | "], RowFiles.Show(RowFiles.ReadAll(path, new RequestedColumn("Plain", lists), new RequestedColumn("Two", lists))));
        Assert.Contains("column 'Deep' holds lists of columns, which cannot be read", Assert.Throws<InvalidDataException>(() => RowFiles.ReadAll(path, new RequestedColumn("Deep", new VectorDataViewType(NumberDataViewType.Int32, 3)))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_and_what_is_kept_of_one_column_are_read_of_it_alike()
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add("KeyValues", new VectorDataViewType(NumberDataViewType.Single, 2), (ref VBuffer<float> values) => values = new(2, [3, 5]));
        var path = _folder.PathOf("keys.parquet");
        using (var writer = new ParquetFileWriter(path, [new Column<uint>("Digit")]))
        {
            using var group = writer.AppendRowGroup();
            Write<uint>(group, [5, 3, 4]);
            writer.Close();
        }

        var key = new RequestedColumn("Digit", new KeyDataViewType(typeof(uint), 2)) { Annotations = annotations.ToAnnotations() };
        Assert.Equal(["2 | 5", "1 | 3", "0 | 4"], RowFiles.Show(RowFiles.ReadAll(path, key, new RequestedColumn("Digit", NumberDataViewType.UInt32))));
    }

    [Fact]
    public void Times_beyond_the_calendar_make_their_row_bad()
    {
        var path = _folder.PathOf("sentinel.parquet");
        using (var writer = new ParquetFileWriter(path, [new Column(typeof(long), "When", LogicalType.Timestamp(isAdjustedToUtc: true, TimeUnit.Micros))]))
        {
            using var group = writer.AppendRowGroup();
            using var column = (ColumnWriter<long>)group.NextColumn();
            column.WriteBatch([-1, long.MaxValue]);
        }

        var read = RowFiles.ReadAll(path);
        Assert.Equal(1, read.Count);
        Assert.Equal($"column 'When' is the time {long.MaxValue} µs since 1970; a time in the years 1 to 9999 is expected", Assert.Single(read.Bad).Reason);
    }

    /// <summary>Writes columns of every type there, and reads them here.</summary>
    private void AssertRead(WriterPropertiesBuilder properties)
    {
        var path = _folder.PathOf("theirs.parquet");
        var random = new Random(7);
        var rows = RandomRows.Rows(RandomRows.Schema([.. RandomRows.Types.Where(type => type is not DateTimeOffsetDataViewType).Select(type => (NameOf(type), (DataViewType)type))]), Rows, random);
        var columns = rows.Schema.Select(ColumnOf).ToArray();
        using (var built = properties.Build())
        using (var writer = new ParquetFileWriter(path, columns, built))
        {
            for (var from = 0; from < Rows; from += Rows / 3)
            {
                using var group = writer.AppendRowGroup();
                foreach (var column in rows.Columns)
                    Write((dynamic)column, group, from, Rows / 3);
            }

            writer.Close();
        }

        Assert.Equal(RowFiles.Show(rows), RowFiles.Show(RowFiles.ReadAll(path, RowFiles.Request(rows.Schema))));
    }

    private static string NameOf(DataViewType type) => type is TextDataViewType ? "Text" : type is DateTimeDataViewType ? "Time" : type is TimeSpanDataViewType ? "Span" : type.RawType.Name;

    private static Column ColumnOf(DataViewSchema.Column column) => column.Type switch
    {
        TextDataViewType => new Column<string>(column.Name),
        DateTimeDataViewType => new Column<DateTime>(column.Name, LogicalType.Timestamp(isAdjustedToUtc: true, TimeUnit.Micros)),
        TimeSpanDataViewType => new Column<TimeSpan>(column.Name, LogicalType.Time(isAdjustedToUtc: true, TimeUnit.Micros)),
        var type => new Column(type.RawType, column.Name),
    };

    private static void Write(FixedValues<ReadOnlyMemory<char>> values, RowGroupWriter group, int from, int count) =>
        Write(group, values.Rows(from + count)[from..].ToArray().Select(text => text.ToString()).ToArray());

    private static void Write<T>(FixedValues<T> values, RowGroupWriter group, int from, int count) => Write(group, values.Rows(from + count)[from..].ToArray());

    private static void Write<T>(RowGroupWriter group, T[] values)
    {
        using var column = group.NextColumn().LogicalWriter<T>();
        column.WriteBatch(values);
    }

    private static List<(string Name, List<object> Values)> ReadAll(ParquetFileReader reader)
    {
        var fields = Enumerable.Range(0, reader.FileMetaData.NumColumns).Select(i => (reader.FileMetaData.Schema.Column(i).Name, Values: new List<object>())).ToList();
        for (var group = 0; group < reader.FileMetaData.NumRowGroups; group++)
        {
            using var rows = reader.RowGroup(group);
            for (var i = 0; i < fields.Count; i++)
            {
                using var column = rows.Column(i).LogicalReader();
                fields[i].Values.AddRange(((IEnumerable)column).Cast<object>());
            }
        }

        return fields;
    }

    private static string ShowOurs(ColumnValues column, int row) => column is FixedValues<DateTimeOffset> times
        ? string.Join(' ', times.Row(row).ToArray().Select(time => time.UtcTicks))
        : RowFiles.Show(column, row);

    private static string Show(object value) => value switch
    {
        float number => $"{BitConverter.SingleToInt32Bits(number)}",
        double number => $"{BitConverter.DoubleToInt64Bits(number)}",
        DateTime time => $"{time.Ticks}",
        _ => $"{value}",
    };
}
