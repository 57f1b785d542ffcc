using FsCheck.Fluent;
using Sconce.Trainers.Training;

namespace Sconce.Trainers.Tests.Training;

public class RowStoreTests
{
    [Fact]
    public void Rows_come_back_as_they_were_whatever_their_size_and_number()
    {
        // Many small rows a chunk, few large ones, and rows that are larger than a chunk.
        var cases =
            from rowBytes in Gen.OneOf(Gen.Choose(1, 200), Gen.Choose(100_000, 3_000_000))
            from rows in Gen.Choose(1, rowBytes > 1_000 ? 20 : 20_000)
            select (rowBytes, rows);
        Prop.ForAll(cases.ToArbitrary(), test =>
        {
            var store = new RowStore(test.rowBytes);
            var row = new byte[test.rowBytes];
            for (var i = 0; i < test.rows; i++)
            {
                Write(row, i);
                store.Add(row);
            }

            Assert.Equal(test.rows, store.Count);
            for (var i = 0; i < test.rows; i++)
            {
                Write(row, i);
                Assert.True(store[i].SequenceEqual(row), $"row {i} of {test.rows} x {test.rowBytes} bytes");
            }
        }).Holds(50);
    }

    [Fact]
    public void Rows_can_be_overwritten()
    {
        var store = new RowStore(2);
        for (byte i = 0; i < 3; i++)
            store.Add([i, i]);
        store[1][0] = 77;
        Assert.Equal([0, 0, 77, 1, 2, 2], Enumerable.Range(0, 3).SelectMany(i => store[i].ToArray()));
    }

    [Fact]
    public void Small_data_takes_small_memory()
    {
        var row = new byte[100];
        var before = GC.GetAllocatedBytesForCurrentThread();
        var store = new RowStore(row.Length);
        for (var i = 0; i < 10; i++)
            store.Add(row);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1_000, (1 << 20) + 10_000);
        Assert.Equal(10, store.Count);
    }

    /// <summary>A row that differs from its neighbours at both of its ends.</summary>
    private static void Write(byte[] row, int index)
    {
        row[0] = (byte)(index * 3 + 1);
        row[^1] = (byte)(index * 5 + 2);
    }
}
