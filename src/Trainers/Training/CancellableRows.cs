using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers;

/// <summary>The rows of a view, which end by an exception once a token asks for it: whoever reads them need not know of the token.</summary>
internal sealed class CancellableRows(IDataView data, CancellationToken cancellation) : IDataView
{
    public bool CanShuffle => data.CanShuffle;

    public DataViewSchema Schema => data.Schema;

    public long? GetRowCount() => data.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => new Cursor(data.GetRowCursor(columnsNeeded, rand), cancellation);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        Array.ConvertAll(data.GetRowCursorSet(columnsNeeded, n, rand), cursor => new Cursor(cursor, cancellation));

    private sealed class Cursor(DataViewRowCursor input, CancellationToken cancellation) : DataViewRowCursor
    {
        public override long Position => input.Position;

        public override long Batch => input.Batch;

        public override DataViewSchema Schema => input.Schema;

        public override bool MoveNext()
        {
            cancellation.ThrowIfCancellationRequested();
            return input.MoveNext();
        }

        public override bool IsColumnActive(DataViewSchema.Column column) => input.IsColumnActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => input.GetGetter<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                input.Dispose();
            base.Dispose(disposing);
        }
    }
}
