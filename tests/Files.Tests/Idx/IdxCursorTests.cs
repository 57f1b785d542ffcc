using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files.Idx;
using Sconce.Tests;

namespace Sconce.Files.Tests.Idx;

public sealed class IdxCursorTests
{
    private const int Rows = 1000;
    private readonly IdxDataView _view = View(Rows);

    [Fact]
    public void Shuffling_is_a_permutation_that_the_seed_decides()
    {
        var first = Read(_view.GetRowCursor(_view.Schema, new Random(5)));
        var again = Read(_view.GetRowCursor(_view.Schema, new Random(5)));
        var other = Read(_view.GetRowCursor(_view.Schema, new Random(6)));
        var plain = Read(_view.GetRowCursor(_view.Schema));

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        Assert.NotEqual(first, plain);
        Assert.Equal(plain, first.OrderBy(row => row.Id));
        Assert.Equal(Enumerable.Range(0, Rows).Select(Expected), plain);
    }

    [Theory]
    [InlineData(1, 1000)]
    [InlineData(2, 1000)]
    [InlineData(3, 1000)]
    [InlineData(16, 1000)]
    [InlineData(100, 1000)]
    [InlineData(0, 1000)]
    [InlineData(-1, 1000)]
    [InlineData(2, 0)]
    [InlineData(2, 1)]
    [InlineData(2, 64)]
    [InlineData(2, 65)]
    [InlineData(3, 192)]
    public void A_set_of_cursors_serves_each_row_once_and_its_batches_restore_the_order(int asked, int rows)
    {
        var view = View(rows);
        foreach (var seed in (int?[])[null, 7])
        {
            Random? Random() => seed is { } value ? new Random(value) : null;
            var sets = view.GetRowCursorSet(view.Schema, asked, Random()).Select(cursor => ReadBatches(cursor)).ToArray();
            var batches = sets.SelectMany(set => set.Select(row => row.Batch).Distinct()).ToArray();

            Assert.InRange(sets.Length, 1, asked > 0 ? asked : Environment.ProcessorCount);
            Assert.All(sets, set => Assert.Equal(set.Select(row => row.Batch).Order(), set.Select(row => row.Batch)));
            Assert.Equal(batches.Distinct().Count(), batches.Length);
            Assert.Equal(Read(view.GetRowCursor(view.Schema, Random())), sets.SelectMany(set => set).OrderBy(row => row.Batch).Select(row => row.Row));
        }
    }

    [Fact]
    public void A_set_of_cursors_shares_the_work()
    {
        var shares = _view.GetRowCursorSet(_view.Schema, 4).Select(cursor => Read(cursor).Count).ToArray();
        Assert.Equal([256, 256, 256, 232], shares);
    }

    [Fact]
    public async Task The_cursors_of_a_set_run_in_parallel()
    {
        var sets = await Task.WhenAll(_view.GetRowCursorSet(_view.Schema, 8, new Random(3)).Select(cursor => Task.Run(() => Read(cursor))));
        Assert.Equal(Enumerable.Range(0, Rows).Select(Expected), sets.SelectMany(set => set).OrderBy(row => row.Id));
    }

    [Fact]
    public void The_merge_that_MLNet_makes_of_a_set_is_in_order()
    {
        var ml = new MLContext(seed: 1);
        var converted = ml.Transforms.Conversion.ConvertType("Image", outputKind: DataKind.Single).Fit(_view).Transform(_view);
        var firstPixels = converted.GetColumn<VBuffer<float>>("Image").Select(image => image.GetItemOrDefault(0));
        Assert.Equal(Enumerable.Range(0, Rows).Select(row => (float)Expected(row).Pixel), firstPixels);

        var shuffled = ml.Data.ShuffleRows(_view, seed: 4).GetColumn<uint>("Label").ToArray();
        Assert.NotEqual(_view.GetColumn<uint>("Label"), shuffled);
        Assert.Equal(_view.GetColumn<uint>("Label").Order(), shuffled.Order());
    }

    [Fact]
    public void No_row_costs_an_allocation()
    {
        var view = View(20_000);
        foreach (var rand in (Random?[])[null, new Random(1)])
        {
            using var cursor = view.GetRowCursor(view.Schema, rand);
            var (image, label, id) = (cursor.GetGetter<VBuffer<byte>>(view.Schema["Image"]), cursor.GetGetter<uint>(view.Schema["Label"]), cursor.GetIdGetter());
            var (pixels, digit, row) = (default(VBuffer<byte>), default(uint), default(DataViewRowId));
            void Fetch(int rows)
            {
                for (var i = 0; i < rows && cursor.MoveNext(); i++)
                {
                    image(ref pixels);
                    label(ref digit);
                    id(ref row);
                }
            }

            Fetch(1000);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Fetch(10_000);
            // The smallest object a row would be 240,000 bytes; a collection meanwhile counts some kilobytes as used up.
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 50_000);
            Assert.Equal(10_999, cursor.Position);
        }
    }

    /// <summary>A block of 64 such items is 19 MB. The order, the IDs and the batches are those of small items.</summary>
    [Fact]
    public void Large_items_are_not_copied_by_whole_blocks()
    {
        const int Large = 70;
        var view = new IdxDataView(IdxBytes.Read(IdxBytes.Images(Large, 500, 600)), IdxBytes.Read(IdxBytes.Labels(Large)), "Image", "Label");
        var small = View(Large);
        foreach (var seed in (int?[])[null, 7])
        {
            Random? Random() => seed is { } value ? new Random(value) : null;
            var expected = small.GetRowCursorSet(small.Schema, 2, Random()).Select(ReadBatches).ToList();
            var before = GC.GetAllocatedBytesForCurrentThread();
            var read = view.GetRowCursorSet(view.Schema, 2, Random()).Select(ReadBatches).ToList();
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
            Assert.Equal(expected, read);
        }

        using var cursor = view.GetRowCursor(view.Schema);
        Assert.Equal(-1, cursor.Batch);
        for (var row = 0; cursor.MoveNext(); row++)
            Assert.Equal(row / 64, cursor.Batch);
    }

    [Fact]
    public void A_buffer_is_reused_and_what_one_row_left_in_it_is_gone()
    {
        using var cursor = _view.GetRowCursor(_view.Schema);
        var getter = cursor.GetGetter<VBuffer<byte>>(_view.Schema["Image"]);
        var sparse = new VBuffer<byte>(100, 2, [7, 7], [3, 50]);
        cursor.MoveNext();
        getter(ref sparse);
        Assert.Equal(new byte[6], sparse.DenseValues());
        Assert.True(sparse.IsDense);
    }

    [Fact]
    public void Values_are_fetched_only_at_a_row()
    {
        using var cursor = View(1).GetRowCursor(_view.Schema);
        var (pixels, digit, row) = (default(VBuffer<byte>), default(uint), default(DataViewRowId));
        var (image, label, id) = (cursor.GetGetter<VBuffer<byte>>(cursor.Schema["Image"]), cursor.GetGetter<uint>(cursor.Schema["Label"]), cursor.GetIdGetter());
        void AssertNowhere()
        {
            Assert.Equal(-1, cursor.Position);
            Assert.Throws<InvalidOperationException>(() => image(ref pixels));
            Assert.Throws<InvalidOperationException>(() => label(ref digit));
            Assert.Throws<InvalidOperationException>(() => id(ref row));
        }

        AssertNowhere();
        Assert.True(cursor.MoveNext());
        label(ref digit);
        Assert.False(cursor.MoveNext());
        AssertNowhere();
        Assert.False(cursor.MoveNext());
        AssertNowhere();
    }

    [Fact]
    public void Only_active_columns_of_their_own_type_are_fetched()
    {
        var (image, label) = (_view.Schema["Image"], _view.Schema["Label"]);
        using var cursor = _view.GetRowCursor([label]);

        Assert.False(cursor.IsColumnActive(image));
        Assert.True(cursor.IsColumnActive(label));
        Assert.Throws<ArgumentOutOfRangeException>(() => cursor.GetGetter<VBuffer<byte>>(image));
        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<byte>(label));

        var foreign = new DataViewSchema.Builder();
        foreach (var name in (string[])["A", "B", "C"])
            foreign.AddColumn(name, NumberDataViewType.Byte);
        var third = foreign.ToSchema()["C"];
        Assert.Throws<ArgumentOutOfRangeException>(() => cursor.IsColumnActive(third));
        Assert.Throws<ArgumentException>(() => _view.GetRowCursor([third]));
    }

    private static IdxDataView View(int rows) =>
        new(IdxBytes.Read(IdxBytes.Images(rows)), IdxBytes.Read(IdxBytes.Labels(rows)), "Image", "Label");

    private static (ulong Id, byte Pixel, uint Label) Expected(int row) => ((ulong)row, (byte)(row % 251), (uint)(row % 10));

    private static List<(ulong Id, byte Pixel, uint Label)> Read(DataViewRowCursor cursor) => [.. ReadBatches(cursor).Select(row => row.Row)];

    private static List<(long Batch, (ulong Id, byte Pixel, uint Label) Row)> ReadBatches(DataViewRowCursor cursor)
    {
        using var disposed = cursor;
        var rows = new List<(long, (ulong, byte, uint))>();
        var (image, label, id) = (cursor.GetGetter<VBuffer<byte>>(cursor.Schema["Image"]), cursor.GetGetter<uint>(cursor.Schema["Label"]), cursor.GetIdGetter());
        var (pixels, digit, row) = (default(VBuffer<byte>), default(uint), default(DataViewRowId));
        while (cursor.MoveNext())
        {
            image(ref pixels);
            label(ref digit);
            id(ref row);
            Assert.Equal(rows.Count, cursor.Position);
            rows.Add((cursor.Batch, (row.Low, pixels.GetItemOrDefault(5), digit)));
        }

        return rows;
    }
}
