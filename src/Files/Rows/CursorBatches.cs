using Microsoft.ML;

namespace Sconce.Files.Rows;

/// <summary>Columns of a cursor's rows as batches. Keys are replaced by their key values, if they have any.</summary>
internal sealed class CursorBatches : IBatchSource
{
    private readonly DataViewRowCursor _cursor;
    private readonly (DataViewSchema.Column Column, KeyValueColumn? Keys)[] _columns;
    private readonly int _rows;
    private readonly CancellationToken _cancellation;

    /// <param name="data">The rows.</param>
    /// <param name="columns">The columns of the batches, in order.</param>
    /// <param name="rows">The maximum number of rows in a batch.</param>
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

    /// <summary>The schema of batches of some columns.</summary>
    public static DataViewSchema SchemaOf(IEnumerable<DataViewSchema.Column> columns) => SchemaOf(columns.Select(column => (column, KeyValueColumn.Of(column))));

    /// <exception cref="InvalidDataException">A key is missing, and its values have no missing value; the message names row and column.</exception>
    public RowBatch? Next() => Take(_rows) is { Count: > 0 } batch ? batch : null;

    /// <summary>Reads <paramref name="rows"/> rows, or fewer at the end.</summary>
    /// <inheritdoc cref="Next"/>
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
