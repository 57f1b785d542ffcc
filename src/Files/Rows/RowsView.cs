using Microsoft.ML;

namespace Sconce.Files.Rows;

/// <summary>A file's rows as data that ML.NET reads, batch by batch: memory does not grow with the file. A row that cannot be used ends the reading.</summary>
internal sealed class RowsView : IDataView
{
    private const int BatchRows = 256;

    private readonly Func<RowReader> _open;

    /// <param name="open">Opens the file anew.</param>
    public RowsView(Func<RowReader> open)
    {
        _open = open;
        // A file that cannot be used is refused when it is opened, not when its first row is read.
        using var reader = open();
        Schema = reader.Schema;
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => new RowBatchCursor(Schema, columnsNeeded, new Source(_open()));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Source(RowReader reader) : IBatchSource
    {
        private bool _ended;

        public RowBatch? Next()
        {
            if (_ended)
                return null;
            var batch = new RowBatch(reader.Schema, BatchRows);
            _ended = !reader.Fill(batch, BatchRows);
            return batch.Bad is [var bad, ..] ? throw bad.ToException() : batch;
        }

        public void Dispose() => reader.Dispose();
    }
}
