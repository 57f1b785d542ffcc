using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files.Rows;
using Sconce.Files.Text;

namespace Sconce.Files.Idx;

/// <summary>IDX items, and their labels if there are any, as rows. All cursors share the two files' arrays.</summary>
internal sealed class IdxDataView : IDataView
{
    /// <summary>ML.NET merges cursor sets in batches of 64 rows: each cursor then works one merge ahead of the next.</summary>
    private const int BlockLength = 64;

    /// <summary>About the most values that a cursor copies at once: a block of large items is served in several batches.</summary>
    private const int BatchValues = 1 << 18;

    public IdxDataView(IdxFile images, IdxFile? labels, string imageColumnName, string labelColumnName)
    {
        Images = images;
        Labels = labels;
        Schema = BuildSchema(images, hasLabels: labels is not null, imageColumnName, labelColumnName);
    }

    public IdxFile Images { get; }
    public IdxFile? Labels { get; }
    public DataViewSchema Schema { get; }
    public bool CanShuffle => true;

    /// <exception cref="InvalidDataException">A file is damaged, or there is not one label for each image.</exception>
    public static IdxDataView Load(IdxSource images, IdxSource? labels, string imageColumnName, string labelColumnName)
    {
        if (labels is null)
            return new IdxDataView(images.Load(), labels: null, imageColumnName, labelColumnName);
        // The small file is read first, so that an error in it does not require reading the large one.
        var loadedLabels = labels.Load();
        if (loadedLabels.Dimensions.Length != 1)
            throw InvalidBytes.At(labels.Name, 3, "a rank of 1, one number for each item", $"{loadedLabels.Dimensions.Length}",
                "Are the paths of the images and of the labels swapped?");
        if (loadedLabels.ElementType != IdxElementType.Byte)
            throw InvalidBytes.At(labels.Name, 2, "element type 0x08 (unsigned byte) for labels", "0x0D (32-bit float)");
        var loadedImages = images.Load();
        if (loadedImages.Count != loadedLabels.Count)
            throw InvalidBytes.At(labels.Name, IdxHeader.DimensionsOffset, $"{loadedImages.Count} labels, one for each item of {images.Name}",
                $"{loadedLabels.Count}", "Check that both files are from the same part of the same data set.");
        return new IdxDataView(loadedImages, loadedLabels, imageColumnName, labelColumnName);
    }

    public long? GetRowCount() => Images.Count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        GetRowCursorSet(columnsNeeded, 1, rand)[0];

    /// <summary>
    /// Up to <paramref name="n"/> cursors, each with at least one block of rows; one for each processor if <paramref name="n"/> is less than 1.
    /// </summary>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        var active = RowBatchCursor.Check(Schema, columnsNeeded);
        var blocks = Math.Max(1, (int)Math.Ceiling(Images.Count / (double)BlockLength));
        var cursors = Math.Min(n < 1 ? Environment.ProcessorCount : n, blocks);
        var order = rand is null ? null : Permute(Images.Count, rand);
        HashSet<int> read = [.. active.Select(column => column.Index)];
        return [.. Enumerable.Range(0, cursors).Select(first => new RowBatchCursor(
            Schema, active, new Blocks(this, read, order, first, cursors), idOf: place => new DataViewRowId((ulong)place.Row, 0)))];
    }

    private static int[] Permute(int count, Random rand)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        rand.Shuffle(order);
        return order;
    }

    private static DataViewSchema BuildSchema(IdxFile images, bool hasLabels, string imageColumnName, string labelColumnName)
    {
        var shape = images.Dimensions.RemoveAt(0);
        var item = images.ElementType == IdxElementType.Byte ? NumberDataViewType.Byte : NumberDataViewType.Single;
        var image = new RequestedColumn(imageColumnName, shape.IsEmpty ? item : new VectorDataViewType(item, shape));
        return RequestedColumn.SchemaOf(hasLabels ? [image, new(labelColumnName, NumberDataViewType.UInt32)] : [image]);
    }

    /// <summary>
    /// Every <paramref name="stride"/>th block of rows: in the order of their numbers, the blocks of all cursors of a set are the rows of one cursor.
    /// </summary>
    private sealed class Blocks(IdxDataView view, HashSet<int> read, int[]? order, int first, int stride) : IBatchSource
    {
        private readonly RowBatch _batch = new(view.Schema, read.Contains(0) ? Math.Clamp(BatchValues / view.Images.ItemLength, 1, BlockLength) : BlockLength);
        private long _place;
        private long _end;

        public long Number { get; private set; } = first - stride;

        public RowBatch? Next()
        {
            if (_place == _end)
            {
                Number += stride;
                _place = Math.Min(Number * BlockLength, view.Images.Count);
                _end = Math.Min(_place + BlockLength, view.Images.Count);
            }

            _batch.Clear();
            for (; _place < _end && _batch.Count < _batch.Capacity; _place++)
            {
                var row = order?[_place] ?? (int)_place;
                if (!read.Contains(0))
                {
                    // Only labels are read.
                }
                else if (view.Images.ElementType == IdxElementType.Byte)
                {
                    view.Images.GetItem(row).CopyTo(((FixedValues<byte>)_batch.Columns[0]).Row(_batch.Count));
                }
                else
                {
                    view.Images.GetFloats(row).CopyTo(((FixedValues<float>)_batch.Columns[0]).Row(_batch.Count));
                }

                if (view.Labels is not null)
                    ((FixedValues<uint>)_batch.Columns[1]).Row(_batch.Count)[0] = view.Labels.GetItem(row)[0];
                _batch.Accept(new RowPlace("", row, 0));
            }

            return _batch.Count > 0 ? _batch : null;
        }

        public void Dispose()
        {
        }
    }
}
