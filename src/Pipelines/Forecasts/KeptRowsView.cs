using Microsoft.ML;
using Sconce.Trainers.Training;

namespace Sconce.Pipelines.Forecasts;

/// <summary>A subset of a view's rows, in order.</summary>
/// <param name="source">The view.</param>
/// <param name="kept">Whether each of its rows is kept.</param>
internal sealed class KeptRowsView(IDataView source, bool[] kept) : IDataView
{
    public DataViewSchema Schema => source.Schema;

    public bool CanShuffle => false;

    public long? GetRowCount() => kept.LongCount(keep => keep);

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => new Cursor(source.GetRowCursor(columnsNeeded), kept);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded)];

    private sealed class Cursor(DataViewRowCursor source, bool[] kept) : WrappedCursor(source)
    {
        private long _position = -1;

        public override long Position => _position;

        public override bool MoveNext()
        {
            while (Input.MoveNext())
            {
                if (!kept[Input.Position])
                    continue;
                _position++;
                return true;
            }

            _position = -1;
            return false;
        }
    }
}
