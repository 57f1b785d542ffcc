using Microsoft.ML;

namespace Sconce.Trainers.Training;

/// <summary>The rows of a view; reading them throws when a token is canceled, so their reader does not need the token.</summary>
internal sealed class CancellableRows(IDataView data, CancellationToken cancellation) : IDataView
{
    public bool CanShuffle => data.CanShuffle;

    public DataViewSchema Schema => data.Schema;

    public long? GetRowCount() => data.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => new Cursor(data.GetRowCursor(columnsNeeded, rand), cancellation);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        Array.ConvertAll(data.GetRowCursorSet(columnsNeeded, n, rand), cursor => new Cursor(cursor, cancellation));

    private sealed class Cursor(DataViewRowCursor input, CancellationToken cancellation) : WrappedCursor(input)
    {
        public override bool MoveNext()
        {
            cancellation.ThrowIfCancellationRequested();
            return Input.MoveNext();
        }
    }
}
