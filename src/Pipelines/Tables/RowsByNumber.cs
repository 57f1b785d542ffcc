using Microsoft.ML;
using Sconce.Trainers.Training;

namespace Sconce.Pipelines.Tables;

/// <summary>Some of a view's rows, in order, by their number in it.</summary>
/// <param name="source">The view.</param>
/// <param name="kept">Whether each of its rows is kept.</param>
/// <remarks>Rows are counted, since positions may be those in a source before a filter.</remarks>
internal sealed class RowsByNumber(IDataView source, bool[] kept) : IDataView
{
    private readonly long _count = kept.LongCount(keep => keep);

    public DataViewSchema Schema => source.Schema;

    public bool CanShuffle => false;

    public long? GetRowCount() => _count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => new Cursor(source.GetRowCursor(columnsNeeded), kept);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded)];

    private sealed class Cursor(DataViewRowCursor input, bool[] kept) : WrappedCursor(input)
    {
        private long _row = -1;

        public override bool MoveNext()
        {
            while (Input.MoveNext())
            {
                if (++_row < kept.Length && kept[_row])
                    return true;
            }

            return false;
        }
    }
}
