using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files.Text;

namespace Sconce.Files.Idx;

/// <summary>IDX items, and their labels if there are any, as rows. All cursors share the two files' arrays.</summary>
internal sealed class IdxDataView : IDataView
{
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

    /// <exception cref="InvalidDataException">A file is bad, or the labels are not one for each image.</exception>
    public static IdxDataView Load(IdxSource images, IdxSource? labels, string imageColumnName, string labelColumnName)
    {
        if (labels is null)
            return new IdxDataView(images.Load(), labels: null, imageColumnName, labelColumnName);
        // The small file first: a mistake in it should not cost the reading of the large one.
        var loadedLabels = labels.Load();
        if (loadedLabels.Dimensions.Length != 1)
            throw InvalidBytes.At(labels.Name, 3, "a rank of 1, one number for each item", $"{loadedLabels.Dimensions.Length}",
                "Are the paths of the images and of the labels swapped?");
        if (loadedLabels.ElementType != IdxElementType.Byte)
            throw InvalidBytes.At(labels.Name, 2, "element type 0x08 (unsigned byte), as labels are", "0x0D (32-bit float)");
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
    /// As many cursors as asked for, but none without a block of rows. <paramref name="n"/> below 1 means one for each
    /// processor.
    /// </summary>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        ArgumentNullException.ThrowIfNull(columnsNeeded);
        var active = new bool[Schema.Count];
        foreach (var column in columnsNeeded)
        {
            if (column.Index >= active.Length)
                throw new InvalidOperationException($"The requested column {column.Name} is not part of the schema.");
            active[column.Index] = true;
        }

        var blocks = Math.Max(1, (int)Math.Ceiling(Images.Count / (double)IdxRowCursor.BlockLength));
        var cursors = Math.Min(n < 1 ? Environment.ProcessorCount : n, blocks);
        var order = rand is null ? null : Permute(Images.Count, rand);
        return [.. Enumerable.Range(0, cursors).Select(first => new IdxRowCursor(this, active, order, first, cursors))];
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
        var builder = new DataViewSchema.Builder();
        builder.AddColumn(imageColumnName, shape.IsEmpty
            ? item
            : new VectorDataViewType(item, shape));
        if (hasLabels)
            builder.AddColumn(labelColumnName, NumberDataViewType.UInt32);
        return builder.ToSchema();
    }
}
