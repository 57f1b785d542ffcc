using Microsoft.ML;

namespace Sconce.Files.Rows;

/// <summary>Columns of a cursor's rows as batches. Keys that stand for values are these values.</summary>
internal sealed class CursorBatches : IBatchSource
{
    private readonly DataViewRowCursor _cursor;
    private readonly (DataViewSchema.Column Column, KeyValueColumn? Keys)[] _columns;
    private readonly int _rows;
    private readonly CancellationToken _cancellation;

    /// <param name="data">The rows.</param>
    /// <param name="columns">The columns of them, in the order in which batches have them.</param>
    /// <param name="rows">The most rows in a batch.</param>
    /// <param name="cancellation">Stops between two rows.</param>
    public CursorBatches(IDataView data, IReadOnlyList<DataViewSchema.Column> columns, int rows, CancellationToken cancellation = default)
    {
        (_rows, _cancellation) = (rows, cancellation);
        _columns = [.. columns.Select(column => (column, KeyValueColumn.Of(column)))];
        Schema = SchemaOf(_columns);
        _cursor = data.GetRowCursor(columns);
    }

    /// <summary>The columns of the batches.</summary>
    public DataViewSchema Schema { get; }

    /// <summary>The columns that batches of some columns have.</summary>
    public static DataViewSchema SchemaOf(IEnumerable<DataViewSchema.Column> columns) => SchemaOf(columns.Select(column => (column, KeyValueColumn.Of(column))));

    /// <exception cref="InvalidDataException">A key is missing where there is no value that says so; the message names row and column.</exception>
    public RowBatch? Next() => Take(_rows) is { Count: > 0 } batch ? batch : null;

    /// <summary>Takes up to <paramref name="rows"/> rows: fewer at the end alone.</summary>
    /// <exception cref="InvalidDataException">Likewise.</exception>
    public RowBatch Take(int rows)
    {
        var batch = new RowBatch(Schema, rows);
        var fillers = batch.Columns.Zip(_columns, (values, each) => each.Keys?.CreateFiller(_cursor, values) ?? values.CreateFiller(_cursor, each.Column)).ToArray();
        while (batch.Count < rows && MoveNext())
        {
            foreach (var fill in fillers)
                fill(batch.Count);
            batch.Accept(new RowPlace("", _cursor.Position + 1, 0));
        }

        return batch;
    }

    public void Dispose() => _cursor.Dispose();

    private static DataViewSchema SchemaOf(IEnumerable<(DataViewSchema.Column Column, KeyValueColumn? Keys)> columns) => RequestedColumn.SchemaOf(
        columns.Select(each => new RequestedColumn(each.Column.Name, each.Keys?.Type ?? each.Column.Type) { Annotations = each.Keys?.Annotations ?? each.Column.Annotations }));

    private bool MoveNext()
    {
        _cancellation.ThrowIfCancellationRequested();
        return _cursor.MoveNext();
    }
}
