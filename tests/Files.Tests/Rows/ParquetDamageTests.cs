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
        var footer = 8 * FooterOf(bytes);
        for (var bit = 0; bit < 8 * bytes.Length; bit += bit < footer ? 5 : 1)
        {
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
            AssertWholeOrRefused(bytes, $"bit {bit}");
            bytes[bit / 8] = whole[bit / 8];
        }
    }

    [Fact]
    public void Damage_to_a_row_group_changes_no_row_of_another()
    {
        var whole = Write();
        var values = Read(whole);
        var (second, end) = (SecondGroupOf(whole), FooterOf(whole));
        var bytes = whole.ToArray();
        var accepted = 0;
        for (var bit = 8 * "PAR1".Length; bit < 8 * end; bit += 5)
        {
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
            var intact = bit < 8 * second ? (RowsPerGroup + 1, Rows) : (1, RowsPerGroup);
            try
            {
                var read = Read(bytes);
                for (long row = intact.Item1; row <= intact.Item2; row++)
                    Assert.True(read.GetValueOrDefault(row) == values[row], $"bit {bit}: row {row} is {read.GetValueOrDefault(row)}, and was {values[row]}");
                accepted++;
            }
            catch (InvalidDataException)
            {
                // It is refused.
            }

            bytes[bit / 8] = whole[bit / 8];
        }

        Assert.True(accepted > 0);
    }

    /// <summary>The values of each row that can be used.</summary>
    private static Dictionary<long, string> Read(byte[] bytes)
    {
        using var reader = RowFormats.Parquet.CreateReader("damaged.parquet", new MemoryStream(bytes), new RowRequest([]));
        var read = RowFiles.ReadAll(reader, Rows);
        return Enumerable.Range(0, read.Count).ToDictionary(
            row => read.Place(row).Row,
            row => $"{read.Columns[0].TextOf(row)} {read.Columns[1].TextOf(row)} {string.Join(',', ((VariableValues<float>)read.Columns[2])[row])}");
    }

    /// <summary>Where the second row group begins.</summary>
    private static int SecondGroupOf(byte[] bytes)
    {
        using var file = new ParquetFileReader(new MemoryStream(bytes));
        using var group = file.RowGroup(0);
        return "PAR1".Length + Enumerable.Range(0, group.MetaData.NumColumns).Sum(i =>
        {
            using var column = group.MetaData.GetColumnChunkMetaData(i);
            return (int)column.TotalCompressedSize;
        });
    }

    /// <summary>Where the footer begins.</summary>
    private static int FooterOf(byte[] bytes) => bytes.Length - 8 - BitConverter.ToInt32(bytes, bytes.Length - 8);

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
                WriteColumn(rows, [.. numbers.Select(row => $"text {group} {row}")]);
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
