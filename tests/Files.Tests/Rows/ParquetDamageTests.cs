using ParquetSharp;
using Sconce.Files.Rows;
using Sconce.Tests;

namespace Sconce.Files.Tests.Rows;

/// <summary>Damaged Parquet files, whose footers have no checksum: each is refused by name, or gives all of its rows.</summary>
public sealed class ParquetDamageTests
{
    private const int RowsPerGroup = 16;
    private const int Rows = 2 * RowsPerGroup;

    [Fact]
    public void A_flipped_bit_loses_no_row()
    {
        var whole = Write();
        Assert.Equal(Rows, Count(whole));
        var bytes = whole.ToArray();
        // Every fifth goes over all places within a byte, and takes a fifth of the time; the footer, which tells the rows, is gone over whole.
        var footer = 8 * (bytes.Length - 8 - BitConverter.ToInt32(bytes, bytes.Length - 8));
        for (var bit = 0; bit < 8 * bytes.Length; bit += bit < footer ? 5 : 1)
        {
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
            AssertWholeOrRefused(bytes, $"bit {bit}");
            bytes[bit / 8] = whole[bit / 8];
        }
    }

    private static int Count(byte[] bytes)
    {
        using var reader = RowFormats.Parquet.CreateReader("damaged.parquet", new MemoryStream(bytes), new RowRequest([]));
        var read = RowFiles.ReadAll(reader, Rows);
        return read.Count + read.Bad.Count;
    }

    private static void AssertWholeOrRefused(byte[] bytes, string damage)
    {
        try
        {
            var rows = Count(bytes);
            Assert.True(rows == Rows, $"{damage}: {rows} rows are left of {Rows}");
        }
        catch (InvalidDataException refusal)
        {
            Assert.Contains("'damaged.parquet'", refusal.Message, StringComparison.Ordinal);
        }
    }

    private static byte[] Write()
    {
        using var stream = new MemoryStream();
        using (var properties = new WriterPropertiesBuilder().DisableStatistics().Compression(ParquetSharp.Compression.Uncompressed).Build())
        using (var writer = new ParquetFileWriter(stream, (Column[])[new Column<int?>("n"), new Column<string>("t"), new Column<float[]>("v")], null, properties, leaveOpen: true))
        {
            for (var group = 0; group < 2; group++)
            {
                using var rows = writer.AppendRowGroup();
                var numbers = Enumerable.Range(0, RowsPerGroup);
                WriteColumn(rows, [.. numbers.Select(row => row % 5 == 4 ? null : (int?)row)]);
                WriteColumn(rows, [.. numbers.Select(row => $"text {row}")]);
                WriteColumn<float[]>(rows, [.. numbers.Select(row => new float[row % 3])]);
            }

            writer.Close();
        }

        return stream.ToArray();
    }

    private static void WriteColumn<T>(RowGroupWriter group, T[] values)
    {
        using var column = group.NextColumn().LogicalWriter<T>();
        column.WriteBatch(values);
    }
}
