using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Pipelines;

/// <summary>
/// Keeps ML.NET from spreading the rows of a batch over threads of its own, which are made anew for each cursor: batches are scored beside each other
/// already. It does so unless a column is read that it cannot copy from thread to thread; such a one is added, and read with the others.
/// </summary>
internal static class UnsplitRows
{
    private const string Name = "\u200BUnsplit";

    /// <summary>Adds the column to what a model is given.</summary>
    public static IDataView Mark(IDataView rows) => new MarkedView(rows);

    /// <summary>Reads columns of what the model made of it.</summary>
    public static IDataView Read(IDataView scored) => new ReadView(scored);

    /// <summary>A type that ML.NET knows nothing of.</summary>
    private sealed class UncopiedType() : StructuredDataViewType(typeof(byte))
    {
        public override bool Equals(DataViewType? other) => other is UncopiedType;

        public override bool Equals(object? other) => other is UncopiedType;

        public override int GetHashCode() => typeof(UncopiedType).GetHashCode();
    }

    private sealed class MarkedView : IDataView
    {
        private readonly IDataView _rows;

        public MarkedView(IDataView rows)
        {
            _rows = rows;
            var schema = new DataViewSchema.Builder();
            schema.AddColumns(rows.Schema);
            schema.AddColumn(Name, new UncopiedType());
            Schema = schema.ToSchema();
        }

        public bool CanShuffle => _rows.CanShuffle;

        public DataViewSchema Schema { get; }

        public long? GetRowCount() => _rows.GetRowCount();

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
        {
            var needed = columnsNeeded.Select(column => column.Index).ToHashSet();
            return new Cursor(Schema, _rows.GetRowCursor(_rows.Schema.Where(column => needed.Contains(column.Index)), rand), needed);
        }

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];
    }

    private sealed class Cursor(DataViewSchema schema, DataViewRowCursor rows, HashSet<int> active) : DataViewRowCursor
    {
        public override DataViewSchema Schema => schema;

        public override long Position => rows.Position;

        public override long Batch => rows.Batch;

        public override bool MoveNext() => rows.MoveNext();

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override ValueGetter<DataViewRowId> GetIdGetter() => rows.GetIdGetter();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
            column.Index < rows.Schema.Count ? rows.GetGetter<TValue>(rows.Schema[column.Index]) : (ref TValue value) => value = default!;

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                rows.Dispose();
            base.Dispose(disposing);
        }
    }

    private sealed class ReadView(IDataView scored) : IDataView
    {
        public bool CanShuffle => scored.CanShuffle;

        public DataViewSchema Schema => scored.Schema;

        public long? GetRowCount() => scored.GetRowCount();

        // A model may have dropped the column; then its rows are read as they are.
        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
            scored.GetRowCursor(Schema.GetColumnOrNull(Name) is { } mark ? columnsNeeded.Append(mark) : columnsNeeded, rand);

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];
    }
}
