using System.Buffers;
using Apache.Arrow;
using Apache.Arrow.Compression;
using Apache.Arrow.Ipc;
using Apache.Arrow.Memory;
using Apache.Arrow.Types;
using Microsoft.ML.Data;
using Sconce.Files.Arrow;
using Sconce.Files.Columnar;
using Sconce.Files.Rows;
using Sconce.Tests;

namespace Sconce.Files.Tests.Rows;

/// <summary>Arrow files and streams, most of them written by the library itself, as other programs write them.</summary>
public sealed class ArrowTests : IDisposable
{
    private static readonly VectorDataViewType _pair = new(NumberDataViewType.Single, 2);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Numbers_of_every_type_are_converted_and_those_that_cannot_be_make_their_row_bad()
    {
        var path = Write(
            ("whole", new Int64Array.Builder().Append(7).Append(256).AppendNull().Build()),
            ("half", new HalfFloatArray.Builder().Append((Half)7).Append((Half)0.5).Append(Half.NaN).Build()),
            ("truth", new BooleanArray.Builder().Append(true).AppendNull().Append(false).Build()),
            ("text", new StringArray.Builder().Append("7").Append("x").AppendNull().Build()));
        Check(new("whole", NumberDataViewType.Byte), ["7"], "2: column 'whole' is 256; a whole number from 0 to 255 is expected", "3: column 'whole' is null; a finite number is expected");
        Check(new("half", NumberDataViewType.Byte), ["7"], "2: column 'half' is 0.5; a whole number from 0 to 255 is expected", "3: column 'half' is NaN; a whole number from 0 to 255 is expected");
        Check(new("half", NumberDataViewType.Single) { IsFinite = true }, ["7", "0.5"], "3: column 'half' is NaN; a finite number is expected");
        Check(new("whole", NumberDataViewType.Single), ["7", "256", "NaN"]);
        Check(new("truth", NumberDataViewType.Single), ["1", "NaN", "0"]);
        Check(new("truth", BooleanDataViewType.Instance), ["True", "False"], "2: column 'truth' is null; true or false is expected");
        Check(new("text", NumberDataViewType.Single), ["7", "NaN"], "2: column 'text' is 'x'; a number is expected");
        Check(new("whole", TextDataViewType.Instance), ["7", "256", ""]);

        void Check(RequestedColumn column, string[] values, params string[] bad)
        {
            var read = RowFiles.ReadAll(path, column);
            Assert.Equal(values, Print(read));
            Assert.Equal(bad, read.Bad.Select(row => $"{row.Place.Row}: {row.Reason}"));
        }
    }

    /// <summary>The type is the schema's, whatever is missing in the batches.</summary>
    [Fact]
    public void A_column_without_a_type_has_the_files_own()
    {
        var whole = new Int64Array.Builder().Append(1).Append(long.MaxValue).Build();
        var holed = new Int64Array.Builder().Append(1).AppendNull().Build();
        var path = Write([("id", whole), ("some", whole)], [("id", whole), ("some", holed)]);
        var read = RowFiles.ReadAll(path);
        Assert.Equal<DataViewType>([NumberDataViewType.Int64, NumberDataViewType.Int64], read.Schema.Select(column => column.Type));
        Assert.Equal(["1 | 1", $"{long.MaxValue} | {long.MaxValue}", "1 | 1", $"{long.MaxValue} | 0"], RowFiles.Show(read));
        Assert.Equal([0, 0, 0, 1], Enumerable.Range(0, 4).Select(row => read.Columns[1].MissingOf(row).Length));
        Assert.Equal(4, RowFiles.ReadAll(path, new RequestedColumn("ID", null) { Role = ColumnRole.Kept }).Count);
    }

    [Fact]
    public void Times_of_every_unit_are_read()
    {
        var time = new DateTimeOffset(1969, 12, 31, 23, 59, 58, 123, TimeSpan.Zero);
        var path = Write(
            ("s", new TimestampArray.Builder(new TimestampType(TimeUnit.Second, "UTC")).Append(time.AddMilliseconds(-123)).Build()),
            ("ms", new TimestampArray.Builder(new TimestampType(TimeUnit.Millisecond, "UTC")).Append(time).Build()),
            ("ns", new TimestampArray.Builder(new TimestampType(TimeUnit.Nanosecond, (string?)null)).Append(time).Build()),
            ("day", new Date32Array.Builder().Append(time).Build()),
            ("day64", new Date64Array.Builder().Append(time).Build()),
            ("clock", new Time64Array.Builder(TimeUnit.Microsecond).Append(new TimeOnly(1, 2, 3)).Build()),
            ("lasting", new DurationArray.Builder(DurationType.Second).Append(TimeSpan.FromDays(-2)).Build()));
        var read = RowFiles.ReadAll(path);
        Assert.Equal(["1969-12-31T23:59:58.0000000Z", "1969-12-31T23:59:58.1230000Z", "1969-12-31T23:59:58.1230000", "1969-12-31T00:00:00.0000000", "1969-12-31T00:00:00.0000000", "01:02:03", "-2.00:00:00"], read.Columns.Select(column => column switch
        {
            FixedValues<DateTime> times => ValueText.Of(times.Row(0)[0]),
            FixedValues<TimeSpan> durations => ValueText.Of(durations.Row(0)[0]),
            _ => "",
        }));
    }

    [Fact]
    public void Texts_of_every_kind_are_read()
    {
        var words = new StringArray.Builder().Append("naïve").Append("").Build();
        var places = new Int8Array.Builder().Append(1).AppendNull().Append(0).Build();
        var path = Write(
            ("utf8", new StringArray.Builder().Append("猫").Append("").AppendNull().Build()),
            ("large", new LargeStringArray.Builder().Append("猫").Append("").AppendNull().Build()),
            ("view", new StringViewArray.Builder().Append("a text that is longer than twelve bytes").Append("").AppendNull().Build()),
            ("category", new DictionaryArray(new DictionaryType(Int8Type.Default, StringType.Default, ordered: false), places, words)));
        Assert.Equal(["猫 | 猫 | a text that is longer than twelve bytes | ", " |  |  | ", " |  |  | naïve"], RowFiles.Show(RowFiles.ReadAll(path)));
    }

    [Fact]
    public void Lists_are_vectors_of_known_and_of_unknown_size()
    {
        var list = new ListArray.Builder(Int32Type.Default);
        var large = new LargeListArray.Builder(Int32Type.Default);
        foreach (int?[]? row in new int?[]?[] { [1, 2], [3, 4, 5], [], null, [6, null] })
        {
            _ = row is null ? list.AppendNull() : list.Append();
            _ = row is null ? large.AppendNull() : large.Append();
            foreach (var value in row ?? [])
            {
                _ = value is { } there ? ((Int32Array.Builder)list.ValueBuilder).Append(there) : ((Int32Array.Builder)list.ValueBuilder).AppendNull();
                _ = value is { } again ? ((Int32Array.Builder)large.ValueBuilder).Append(again) : ((Int32Array.Builder)large.ValueBuilder).AppendNull();
            }
        }

        var path = Write(("Code", list.Build()), ("Large", large.Build()));
        foreach (var name in new[] { "Code", "Large" })
        {
            var pairs = RowFiles.ReadAll(path, new RequestedColumn(name, _pair) { IsFinite = true });
            Assert.Equal(["1 2"], Print(pairs));
            Assert.Equal(
                [$"2: column '{name}' has 3 values; 2 are expected", $"3: column '{name}' has 0 values; 2 are expected", $"4: column '{name}' is null; 2 values are expected", $"5: value 2 of column '{name}' is null; a finite number is expected"],
                pairs.Bad.Select(row => $"{row.Place.Row}: {row.Reason}"));
            Assert.Equal(["1 2", "3 4 5", "", "", "6 NaN"], Print(RowFiles.ReadAll(path, new RequestedColumn(name, new VectorDataViewType(NumberDataViewType.Single)))));
            Refuse(path, new(name, NumberDataViewType.Single), $"column '{name}' holds lists of Int32; Single is expected");
        }
    }

    [Fact]
    public void Lists_of_one_size_are_vectors_of_it()
    {
        var builder = new FixedSizeListArray.Builder(UInt8Type.Default, 3);
        builder.Append();
        ((UInt8Array.Builder)builder.ValueBuilder).Append([1, 2, 255]);
        builder.AppendNull();
        var path = Write(("Image", builder.Build()));
        var vector = new VectorDataViewType(NumberDataViewType.Single, 3);
        var read = RowFiles.ReadAll(path, new RequestedColumn("Image", vector));
        Assert.Equal(["1 2 255"], Print(read));
        Assert.Equal("column 'Image' is null; 3 values are expected", Assert.Single(read.Bad).Reason);
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Byte, 3), RowFiles.ReadAll(path).Schema[0].Type);
        Assert.Equal(2, RowFiles.ReadAll(path, new RequestedColumn("Image", _pair)).Bad.Count);
    }

    [Fact]
    public void A_vector_is_found_in_a_column_for_each_value_too()
    {
        var numbers = new FloatArray.Builder().Append(0.5f).Append(2).Build();
        var path = Write(("Code.0", numbers), ("Code.1", new Int8Array.Builder().Append(-1).Append(1).Build()));
        Assert.Equal(["0.5 -1", "2 1"], Print(RowFiles.ReadAll(path, new RequestedColumn("Code", _pair) { IsFinite = true })));
        Assert.Equal(["0.5 -1", "2 1"], Print(RowFiles.ReadAll(path, new RequestedColumn("Any", _pair) { IsFinite = true })));
    }

    [Fact]
    public void What_cannot_be_held_is_refused_by_name_and_stands_in_nobodys_way()
    {
        var number = new Int32Array.Builder().Append(1).Build();
        var nested = new StructArray(new StructType([new Field("x", Int32Type.Default, false)]), 1, [number], ArrowBuffer.Empty);
        var path = Write(("Nested", nested), ("Bytes", new BinaryArray.Builder().Append((byte)1).Build()), ("n", number));
        Assert.Equal(["1"], Print(RowFiles.ReadAll(path, new RequestedColumn("n", NumberDataViewType.Single))));
        Assert.Equal(["1"], Print(RowFiles.ReadAll(path, new RequestedColumn("Nested.x", NumberDataViewType.Single))));
        Refuse(path, new("Nested", null) { Role = ColumnRole.Kept }, "has no column 'Nested'", "Nested.x");
        Refuse(path, new("Bytes", NumberDataViewType.Single), "column 'Bytes' holds values of Arrow's type binary, which cannot be read");
    }

    [Fact]
    public void Columns_are_written_in_their_own_types_and_vectors_as_lists()
    {
        var schema = RandomRows.Schema(("Label", NumberDataViewType.UInt32), ("Score", new VectorDataViewType(NumberDataViewType.Single, 2, 5)), ("Codes", new VectorDataViewType(NumberDataViewType.Byte)), ("Name", TextDataViewType.Instance), ("When", DateTimeDataViewType.Instance), ("Lasting", TimeSpanDataViewType.Instance));
        using var reader = ArrowFileReader.FromFile(RowFiles.Write(RandomRows.Rows(schema, 3, new Random(1)), _folder.PathOf("own.arrow")));
        Assert.Equal(["uint32", "fixed_size_list", "list", "utf8", "timestamp", "duration"], reader.Schema.FieldsList.Select(field => field.DataType.Name));
        Assert.Equal(10, ((FixedSizeListType)reader.Schema.FieldsList[1].DataType).ListSize);
        Assert.Equal((TimeUnit.Microsecond, "UTC"), (((TimestampType)reader.Schema.FieldsList[4].DataType).Unit, ((TimestampType)reader.Schema.FieldsList[4].DataType).Timezone));
        Assert.All(reader.Schema.FieldsList, field => Assert.False(field.IsNullable));
    }

    /// <summary>A record batch is full by the number of its values, or by the length of its texts.</summary>
    [Fact]
    public async Task Many_rows_are_written_in_more_record_batches_however_they_come()
    {
        var rows = RandomRows.Rows(RandomRows.Schema(("Wide", new VectorDataViewType(NumberDataViewType.Byte, 8_192)), ("n", NumberDataViewType.Int32)), 300, new Random(1));
        var path = RowFiles.Write(rows, _folder.PathOf("many.arrow"));
        Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(RowFiles.Write(rows, _folder.PathOf("again.arrow"), 100, 1, 31)));
        var read = RowFiles.ReadAll(path, RowFiles.Request(rows.Schema));
        Assert.True(((FixedValues<byte>)rows.Columns[0]).Rows(300).SequenceEqual(((FixedValues<byte>)read.Columns[0]).Rows(300)));
        Assert.Equal(Enumerable.Range(0, 300).Select(row => RowFiles.Show(rows.Columns[1], row)), Enumerable.Range(0, 300).Select(row => RowFiles.Show(read.Columns[1], row)));
        using var reader = ArrowFileReader.FromFile(path);
        Assert.Equal(3, await reader.RecordBatchCountAsync());
    }

    [Theory]
    [InlineData(CompressionCodecType.Lz4Frame)]
    [InlineData(CompressionCodecType.Zstd)]
    public void Compressed_files_are_read(CompressionCodecType codec)
    {
        var numbers = new Int32Array.Builder().AppendRange(Enumerable.Range(0, 5_000)).Build();
        var words = new StringArray.Builder().AppendRange(Enumerable.Range(0, 5_000).Select(i => $"word {i / 10}")).Build();
        var plain = Write(("n", numbers), ("w", words));
        var packed = _folder.PathOf("packed.feather");
        WriteTo(packed, (stream, schema) => new ArrowFileWriter(stream, schema, leaveOpen: false, new IpcOptions { CompressionCodec = codec, CompressionCodecFactory = new CompressionCodecFactory() }), [[("n", numbers), ("w", words)]]);
        Assert.True(new FileInfo(packed).Length < new FileInfo(plain).Length);
        Assert.Equal(RowFiles.Show(RowFiles.ReadAll(plain)), RowFiles.Show(RowFiles.ReadAll(packed)));
    }

    /// <summary>Cut anywhere, it is refused by name, and never read as fewer rows.</summary>
    [Fact]
    public void A_file_that_is_cut_short_is_refused()
    {
        var numbers = new Int32Array.Builder().AppendRange(Enumerable.Range(0, 30)).Build();
        var whole = File.ReadAllBytes(Write([("n", numbers)], [("n", numbers)]));
        for (var length = 0; length < whole.Length; length += length < 16 ? 1 : 7)
            Refuse(_folder.Write("cut.arrow", whole[..length]), new("n", NumberDataViewType.Int32), "cut.arrow' cannot be read as Arrow: ", "It is damaged or cut short: fetch or write it again.");
    }

    /// <summary>A stream may be cut between two of its batches, where nothing is missing but its end.</summary>
    [Fact]
    public void A_stream_is_read_and_one_that_is_cut_short_is_refused()
    {
        var numbers = new Int32Array.Builder().AppendRange(Enumerable.Range(0, 30)).Build();
        var path = _folder.PathOf("stream.arrows");
        WriteTo(path, (stream, schema) => new ArrowStreamWriter(stream, schema), [[("n", numbers)], [("n", numbers)]]);
        Assert.Equal(Enumerable.Range(0, 60).Select(i => $"{i % 30}"), RowFiles.Show(RowFiles.ReadAll(path)));
        var whole = File.ReadAllBytes(path);
        for (var length = 0; length < whole.Length; length++)
            Refuse(_folder.Write("cut.arrows", whole[..length]), new("n", NumberDataViewType.Int32), "cut.arrows' cannot be read as Arrow: ", "It is damaged or cut short");
    }

    [Fact]
    public void A_record_batchs_memory_is_freed_before_the_next_is_read()
    {
        var numbers = new Int32Array.Builder().AppendRange(Enumerable.Range(0, 1_000)).Build();
        var path = Write([.. Enumerable.Repeat<(string, IArrowArray)[]>([("n", numbers)], 20)]);
        var memory = new CountingAllocator();
        using (var reader = new ArrowRowReader(path, File.OpenRead(path), new RowRequest([new("n", NumberDataViewType.Int32)]), memory))
        {
            reader.Skip(2_500);
            Assert.Equal(17_500, RowFiles.ReadAll(reader).Count);
        }

        Assert.Equal(20, memory.Allocated);
        Assert.Equal(1, memory.MostAlive);
        Assert.Equal(0, memory.Alive);
    }

    private static Schema SchemaOf((string Name, IArrowArray Values)[] columns) => new(columns.Select(column => new Field(column.Name, column.Values.Data.DataType, nullable: true)), null);

    private static void WriteTo(string path, Func<Stream, Schema, ArrowStreamWriter> create, params (string Name, IArrowArray Values)[][] batches)
    {
        using var stream = File.Create(path);
        var schema = SchemaOf(batches[0]);
        using var writer = create(stream, schema);
        foreach (var batch in batches)
            writer.WriteRecordBatch(new RecordBatch(schema, batch.Select(column => column.Values), batch[0].Values.Length));
        writer.WriteEnd();
    }

    private static IEnumerable<string> Print(RowBatch rows) => Enumerable.Range(0, rows.Count).Select(row => RowFiles.Print(rows.Columns[0], row));

    private static void Refuse(string path, RequestedColumn column, params string[] parts)
    {
        var refusal = Assert.Throws<InvalidDataException>(() => RowFiles.ReadAll(path, column));
        Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
        foreach (var part in parts)
            Assert.Contains(part, refusal.Message, StringComparison.Ordinal);
    }

    private string Write(params (string Name, IArrowArray Values)[] columns) => Write([columns]);

    private string Write(params (string Name, IArrowArray Values)[][] batches)
    {
        var path = _folder.PathOf("foreign.arrow");
        WriteTo(path, (stream, schema) => new ArrowFileWriter(stream, schema), batches);
        return path;
    }

    private sealed class CountingAllocator : MemoryAllocator
    {
        public int Allocated { get; private set; }

        public int Alive { get; private set; }

        public int MostAlive { get; private set; }

        protected override IMemoryOwner<byte> AllocateInternal(int length, out int bytesAllocated)
        {
            bytesAllocated = length;
            Allocated++;
            MostAlive = Math.Max(MostAlive, ++Alive);
            return new Owner(this, new byte[length]);
        }

        private sealed class Owner(CountingAllocator allocator, byte[] bytes) : IMemoryOwner<byte>
        {
            private bool _isDisposed;

            public Memory<byte> Memory { get; } = bytes;

            public void Dispose()
            {
                if (!_isDisposed)
                    allocator.Alive--;
                _isDisposed = true;
            }
        }
    }
}
