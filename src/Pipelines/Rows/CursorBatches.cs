using Microsoft.ML;

namespace Sconce.Pipelines;

/// <summary>Columns of a cursor's rows as batches; keys as the values that they stand for.</summary>
internal sealed class CursorBatches : IBatchSource
{
    private readonly DataViewRowCursor _cursor;
    private readonly IReadOnlyList<DataViewSchema.Column> _columns;
    private readonly int _rows;

    /// <param name="data">The rows.</param>
    /// <param name="columns">The columns of them, in the order in which batches have them.</param>
    /// <param name="rows">The most rows in a batch.</param>
    public CursorBatches(IDataView data, IReadOnlyList<DataViewSchema.Column> columns, int rows)
    {
        (_columns, _rows) = (columns, rows);
        var schema = new DataViewSchema.Builder();
        foreach (var column in columns)
            schema.AddColumn(column.Name, KeyedValues.TypeOf(column), column.Annotations);
        Schema = schema.ToSchema();
        _cursor = data.GetRowCursor(columns);
    }

    /// <summary>The columns of the batches.</summary>
    public DataViewSchema Schema { get; }

    public RowBatch? Next() => Take(_rows) is { Count: > 0 } batch ? batch : null;

    /// <summary>Takes up to <paramref name="rows"/> rows: fewer at the end alone.</summary>
    public RowBatch Take(int rows)
    {
        var batch = new RowBatch(Schema, rows);
        var fillers = batch.Columns.Zip(_columns, (values, column) => KeyedValues.CreateFiller(values, _cursor, column)).ToArray();
        while (batch.Count < rows && _cursor.MoveNext())
        {
            foreach (var fill in fillers)
                fill(batch.Count);
            batch.Accept(new RowPlace("", _cursor.Position + 1, 0));
        }

        return batch;
    }

    public void Dispose() => _cursor.Dispose();
}
