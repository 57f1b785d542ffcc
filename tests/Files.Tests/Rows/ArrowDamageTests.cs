using System.Buffers.Binary;
using Apache.Arrow;
using Apache.Arrow.Compression;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using Microsoft.ML.Data;
using Sconce.Files.Rows;
using Sconce.Tests;

namespace Sconce.Files.Tests.Rows;

/// <summary>Damaged Arrow files and streams, which have no checksums: each is refused by name, or gives all of its rows.</summary>
public sealed class ArrowDamageTests : IDisposable
{
    private const int RowsPerBatch = 16;
    private const int Rows = 2 * RowsPerBatch;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<bool, bool> Kinds => new() { { false, false }, { true, false }, { false, true } };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_flipped_bit_loses_no_row(bool isStream, bool isPacked)
    {
        var whole = Write(isStream, isPacked);
        Assert.Equal(Rows, Count(whole));
        var bytes = whole.ToArray();
        // Every fifth goes over all places within a byte, and takes a fifth of the time.
        for (var bit = 0; bit < 8 * bytes.Length; bit += 5)
        {
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
            AssertWholeOrRefused(bytes, $"bit {bit}");
            bytes[bit / 8] = whole[bit / 8];
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Damage_of_other_kinds_loses_no_row(bool isStream, bool isPacked)
    {
        var whole = Write(isStream, isPacked);
        var random = new Random(30);
        int[] numbers = [-1, 0, 1, int.MaxValue, int.MinValue, 1 << 30];
        for (var round = 0; round < 600; round++)
        {
            var bytes = whole.ToArray();
            for (var damage = random.Next(1, 4); damage > 0; damage--)
            {
                var place = random.Next(bytes.Length - sizeof(int)) & -sizeof(int);
                switch (random.Next(4))
                {
                    case 0:
                        bytes[place] = (byte)random.Next(256);
                        break;
                    case 1:
                        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(place), numbers[random.Next(numbers.Length)]);
                        break;
                    case 2:
                        bytes.AsSpan(place, Math.Min(random.Next(64), bytes.Length - place)).Clear();
                        break;
                    default:
                        var length = Math.Min(random.Next(64), bytes.Length - place);
                        bytes.AsSpan(random.Next(bytes.Length - length), length).ToArray().CopyTo(bytes.AsSpan(place));
                        break;
                }
            }

            AssertRefusedOrReadable(bytes, $"round {round}");
        }
    }

    [Fact]
    public void A_stream_that_goes_on_behind_its_end_is_refused()
    {
        var whole = Write(isStream: true, isPacked: false);
        AssertRefused([.. whole, .. whole], "bytes follow");
        AssertRefused(whole[..^8], "it has no end");
        // The length of the second batch is 0, which marks the end.
        var second = IndexOfMessage(whole, 2);
        whole.AsSpan(second + 4, 4).Clear();
        AssertRefused(whole, "bytes follow");
    }

    [Fact]
    public void A_batch_that_another_one_hides_is_missed()
    {
        var whole = Write(isStream: true, isPacked: false);
        var (first, second) = (IndexOfMessage(whole, 1), IndexOfMessage(whole, 2));
        var metadata = BinaryPrimitives.ReadInt32LittleEndian(whole.AsSpan(first + 4));
        var body = second - first - 8 - metadata;
        var end = whole.Length - 8;
        var place = whole.AsSpan(first, 8 + metadata).IndexOf(BitConverter.GetBytes((long)body));
        Assert.True(place > 0);
        BinaryPrimitives.WriteInt64LittleEndian(whole.AsSpan(first + place), end - first - 8 - metadata);
        AssertRefused(whole, "but its columns have");
    }

    [Fact]
    public void Big_endian_numbers_are_refused_by_name()
    {
        var path = CaseFiles.PathOf("bigendian.arrow");
        var refusal = Assert.Throws<InvalidDataException>(() => RowFiles.ReadAll(path, new RequestedColumn("f1", NumberDataViewType.Single)));
        Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("big-endian", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Old_streams_are_read_whatever_their_name_and_Feather_1_is_named()
    {
        var path = CaseFiles.PathOf("legacy-0.14.stream");
        var column = new RequestedColumn("int32_nonnullable", null) { Role = ColumnRole.Kept };
        var read = RowFiles.ReadAll(path, column);
        Assert.NotEqual(0, read.Count);
        Assert.Equal(NumberDataViewType.Int32, read.Schema[0].Type);
        var whole = File.ReadAllBytes(path);
        AssertRefused(whole[..^4], "it has no end", column);
        AssertRefused([.. "FEA1"u8, .. new byte[60], .. "FEA1"u8], "Feather file of version 1");
    }

    /// <summary>Values that are missing, and those of one run, take no bytes.</summary>
    [Fact]
    public void Rows_that_no_bytes_are_behind_are_refused_before_they_are_allocated()
    {
        const int Claimed = int.MaxValue;
        IArrowArray[] forged = [new NullArray(Claimed), new RunEndEncodedArray(new Int32Array.Builder().Append(Claimed).Build(), new Int32Array.Builder().Append(1).Build())];
        foreach (var column in forged)
        {
            using var stream = new MemoryStream();
            var schema = new Schema([new Field("n", column.Data.DataType, nullable: true)], null);
            using (var writer = new ArrowStreamWriter(stream, schema, leaveOpen: true))
            {
                writer.WriteRecordBatch(new RecordBatch(schema, [column], Claimed));
                writer.WriteEnd();
            }

            AssertRefused(stream.ToArray(), $"has a record batch of {Claimed} rows");
        }
    }

    /// <summary>A few kilobytes that claim to be some megabytes of names.</summary>
    [Fact]
    public void Columns_that_share_a_long_name_are_refused()
    {
        const int Columns = 1_000, NameBytes = 10_000, Field = 48 + 4 * Columns;
        var message = new byte[(Field + 20 + NameBytes + 8) & -8];
        Put(0, 16);
        PutShorts(4, 10, 12, 8, 10, 4);
        Put(16, 12, 16);
        PutShorts(24, 4, 1);
        PutShorts(28, 8, 8, 0, 4);
        Put(36, 8, 4, Columns);
        for (var i = 0; i < Columns; i++)
            Put(48 + 4 * i, Field + 8 - (48 + 4 * i));
        PutShorts(Field, 6, 8, 4);
        Put(Field + 8, 8, 4, NameBytes);
        message.AsSpan(Field + 20, NameBytes).Fill((byte)'a');
        AssertRefused([0xFF, 0xFF, 0xFF, 0xFF, .. BitConverter.GetBytes(message.Length), .. message, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0], "more text for its columns than");

        void Put(int place, params int[] numbers)
        {
            foreach (var (i, number) in numbers.Index())
                BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(place + 4 * i), number);
        }

        void PutShorts(int place, params short[] numbers)
        {
            foreach (var (i, number) in numbers.Index())
                BinaryPrimitives.WriteInt16LittleEndian(message.AsSpan(place + 2 * i), number);
        }
    }

    private static int IndexOfMessage(ReadOnlySpan<byte> bytes, int message)
    {
        ReadOnlySpan<byte> mark = [0xFF, 0xFF, 0xFF, 0xFF];
        var place = 0;
        for (; message > 0; message--)
        {
            place += 4;
            while (!bytes[place..].StartsWith(mark) || BinaryPrimitives.ReadInt32LittleEndian(bytes[(place + 4)..]) <= 0 || place % 8 != 0)
                place += 4;
        }

        return place;
    }

    private static RowBatch Read(byte[] bytes, params RequestedColumn[] columns)
    {
        using var reader = RowFormats.Arrow.CreateReader("damaged.arrow", new MemoryStream(bytes), new RowRequest(columns));
        return RowFiles.ReadAll(reader, Rows);
    }

    private static int Count(byte[] bytes)
    {
        var read = Read(bytes);
        return read.Count + read.Bad.Count;
    }

    private static void AssertWholeOrRefused(byte[] bytes, string damage)
    {
        if (AssertRefusedOrReadable(bytes, damage) is { } rows)
            Assert.True(rows == Rows, $"{damage}: {rows} rows are left of {Rows}");
    }

    private static int? AssertRefusedOrReadable(byte[] bytes, string damage)
    {
        try
        {
            return Count(bytes);
        }
        catch (InvalidDataException refusal)
        {
            Assert.Contains("'damaged.arrow'", refusal.Message, StringComparison.Ordinal);
            return null;
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"{damage}: {exception.GetType()}", exception);
        }
    }

    private static void AssertRefused(byte[] bytes, string part, params RequestedColumn[] columns)
    {
        var refusal = Assert.Throws<InvalidDataException>(() => Read(bytes, columns));
        Assert.Contains("'damaged.arrow'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(part, refusal.Message, StringComparison.Ordinal);
    }

    private static byte[] Write(bool isStream, bool isPacked)
    {
        var words = new StringArray.Builder().Append("red").Append("green").Build();
        using var stream = new MemoryStream();
        var schema = new Schema([new Field("n", Int32Type.Default, nullable: true), new Field("t", StringType.Default, nullable: true), new Field("c", new DictionaryType(Int8Type.Default, StringType.Default, ordered: false), nullable: true)], null);
        var options = isPacked ? new IpcOptions { CompressionCodec = CompressionCodecType.Lz4Frame, CompressionCodecFactory = new CompressionCodecFactory() } : new IpcOptions();
        using (var writer = isStream ? new ArrowStreamWriter(stream, schema, leaveOpen: true, options) : new ArrowFileWriter(stream, schema, leaveOpen: true, options))
        {
            for (var batch = 0; batch < 2; batch++)
            {
                var numbers = new Int32Array.Builder();
                var texts = new StringArray.Builder();
                var places = new Int8Array.Builder();
                for (var row = 0; row < RowsPerBatch; row++)
                {
                    _ = row % 5 == 4 ? numbers.AppendNull() : numbers.Append(row);
                    texts.Append($"text {row}");
                    places.Append((sbyte)(row % 2));
                }

                IArrowArray[] columns = [numbers.Build(), texts.Build(), new DictionaryArray((DictionaryType)schema.FieldsList[2].DataType, places.Build(), words)];
                writer.WriteRecordBatch(new RecordBatch(schema, columns, RowsPerBatch));
            }

            writer.WriteEnd();
        }

        return stream.ToArray();
    }
}
