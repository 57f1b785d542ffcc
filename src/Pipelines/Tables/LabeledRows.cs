using Microsoft.ML;

namespace Sconce.Pipelines.Tables;

/// <summary>The rows of a table that have a label.</summary>
internal static class LabeledRows
{
    /// <summary>Leaves out the rows that lack one of the labels.</summary>
    /// <returns>The other rows, and the number of those that were left out.</returns>
    public static (IDataView Rows, long Dropped) Of(IDataView data, IReadOnlyList<string> labels)
    {
        List<bool> kept = [];
        using (var cursor = data.GetRowCursor(labels.Select(name => data.Schema[name])))
        {
            var cells = labels.Select(name => TableCell.Of(cursor, data.Schema[name])).ToList();
            while (cursor.MoveNext())
            {
                cells.ForEach(cell => cell.Read());
                kept.Add(!cells.Exists(cell => cell.IsMissing));
            }
        }

        var dropped = kept.Count(keep => !keep);
        return dropped == 0 ? (data, 0) : (new RowsByNumber(data, [.. kept]), dropped);
    }
}
