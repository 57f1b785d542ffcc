using Microsoft.ML.Data;
using Sconce.Files.Rows;
using Sconce.Pipelines.Tests.Images;
using Sconce.Tests;

namespace Sconce.Pipelines.Tests;

/// <summary>Tests that measure the memory of the whole process, and so run when no others do.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class WholeProcess;

[Collection<WholeProcess>]
public sealed class ProcessMemoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ProcessMemoryTests()
    {
        // What finalizers of earlier tests still hold.
        for (var i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(40, 100_000)]
    [InlineData(1, 4_000_000)]
    public void No_more_of_a_Parquet_file_is_held_than_is_read(int groups, int rows)
    {
        const int Step = 50_000;
        const long Most = 4 << 20;
        var native = ParquetSharp.MemoryPool.GetDefaultMemoryPool();
        var nativeBefore = native.BytesAllocated;
        var path = Write(groups, rows);
        var reader = RowFiles.Open(path, new RequestedColumn("n", NumberDataViewType.Int64));
        var batch = new RowBatch(reader.Schema, 1);
        Assert.True(reader.Fill(batch, 1));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (long row = 1; row < groups * rows; row += Step)
        {
            batch = new RowBatch(reader.Schema, 1);
            reader.Fill(batch, 1);
            Assert.Equal([reader.Position - 1], ((FixedValues<long>)batch.Columns[0]).Row(0).ToArray());
            Assert.InRange(native.BytesAllocated - nativeBefore, 1, Most);
            reader.Skip(Step - 1);
        }

        // All rows would be 32 MB.
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, Most);
        reader.Dispose();
        Assert.Equal(nativeBefore, native.BytesAllocated);
    }

    /// <summary>Whole numbers in order, in pages of a megabyte, as other programs write them.</summary>
    private string Write(int groups, int rows)
    {
        var path = _folder.PathOf("groups.parquet");
        using var writer = new ParquetSharp.ParquetFileWriter(path, [new ParquetSharp.Column<long>("n")]);
        for (var i = 0; i < groups; i++)
        {
            using var group = writer.AppendRowGroup();
            using var column = group.NextColumn().LogicalWriter<long>();
            column.WriteBatch([.. Enumerable.Range(i * rows, rows).Select(n => (long)n)]);
        }

        writer.Close();
        return path;
    }

    [Fact]
    public void A_huge_image_is_refused_before_it_is_decoded()
    {
        var path = _folder.Write("bomb.png", ImageFiles.Bomb(60_000, 60_000));
        var before = GC.GetTotalAllocatedBytes();
        Assert.Contains("60000 x 60000", Assert.Throws<InvalidDataException>(() => ImageSet.Open(path, new() { Labeled = false })).Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 1 << 24);
    }
}
