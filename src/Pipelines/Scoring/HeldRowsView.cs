using Microsoft.ML;
using Sconce.Files.Rows;

namespace Sconce.Pipelines.Scoring;

/// <summary>Rows that were all read, for models that go through them more than once, as those of series do.</summary>
internal sealed class HeldRowsView(DataViewSchema schema, IReadOnlyList<ReadBatch> batches) : IDataView
{
    public bool CanShuffle => false;

    public DataViewSchema Schema => schema;

    public long? GetRowCount() => batches.Sum(batch => (long)batch.Rows.Count);

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new RowBatchCursor(schema, columnsNeeded, new ReadAhead(batches.GetEnumerator()));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];
}
