using System.Runtime.ExceptionServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Files.Rows;

/// <summary>Batches as a data view.</summary>
/// <param name="schema">The columns: the first columns of the batches.</param>
/// <param name="open">Starts a pass over the batches.</param>
/// <param name="rows">The number of rows, if it is known.</param>
internal sealed class RowBatchView(DataViewSchema schema, Func<IBatchSource> open, long? rows = null) : IDataView
{
    /// <summary>One batch as a data view.</summary>
    public RowBatchView(RowBatch batch, DataViewSchema schema)
        : this(schema, () => new Once(batch), batch.Count)
    {
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema => schema;

    public long? GetRowCount() => rows;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => new RowBatchCursor(schema, columnsNeeded, open());

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Once(RowBatch batch) : IBatchSource
    {
        private RowBatch? _next = batch;

        public RowBatch? Next()
        {
            var next = _next;
            _next = null;
            return next;
        }

        public void Dispose()
        {
        }
    }
}

/// <summary>Returns batches one after another.</summary>
internal interface IBatchSource : IDisposable
{
    /// <summary>The number of the current batch among those of a set of cursors.</summary>
    long Number => 0;

    /// <summary>The next batch; null at the end. It may be the same object with other rows.</summary>
    RowBatch? Next();
}

/// <summary>Reads batches row by row.</summary>
internal sealed class RowBatchCursor : DataViewRowCursor
{
    private readonly DataViewSchema _schema;
    private readonly HashSet<int> _active;
    private readonly IBatchSource _source;
    private readonly IReadOnlyList<int>? _places;
    private readonly Func<RowPlace, DataViewRowId>? _idOf;
    private readonly List<Action<RowBatch>> _rebind = [];
    private RowBatch? _batch;
    private int _row = -1;
    private long _position = -1;
    private bool _ended;
    private ExceptionDispatchInfo? _failure;

    /// <param name="schema">The columns.</param>
    /// <param name="active">The columns that may be read.</param>
    /// <param name="source">The batches.</param>
    /// <param name="places">The index of each column in the batches; null if the indices are the same.</param>
    /// <param name="idOf">Returns the ID of a row by its place; null for IDs by position.</param>
    public RowBatchCursor(
        DataViewSchema schema, IEnumerable<DataViewSchema.Column> active, IBatchSource source, IReadOnlyList<int>? places = null, Func<RowPlace, DataViewRowId>? idOf = null)
    {
        (_schema, _source, _places, _idOf) = (schema, source, places, idOf);
        _active = [.. active.Select(column => column.Index)];
    }

    public override DataViewSchema Schema => _schema;

    public override long Position => _position;

    public override long Batch => _source.Number;

    /// <summary>Checks that columns belong to a schema.</summary>
    /// <exception cref="ArgumentException">A column does not belong to the schema.</exception>
    public static List<DataViewSchema.Column> Check(DataViewSchema schema, IEnumerable<DataViewSchema.Column> columnsNeeded)
    {
        ArgumentNullException.ThrowIfNull(columnsNeeded);
        List<DataViewSchema.Column> columns = [.. columnsNeeded];
        return columns.Find(column => column.Index >= schema.Count || schema[column.Index].Name != column.Name) is { Name: { } stranger }
            ? throw new ArgumentException($"Column '{stranger}' is not part of this data view.", nameof(columnsNeeded))
            : columns;
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => column.Index < _schema.Count
        ? _active.Contains(column.Index)
        : throw new ArgumentOutOfRangeException(nameof(column), $"Column '{column.Name}' is not part of this data view.");

    public override bool MoveNext()
    {
        // After a failure no more rows can be read, and returning false would look like the end.
        _failure?.Throw();
        if (_ended)
            return false;
        for (_row++; _batch is null || _row == _batch.Count; _row = 0)
        {
            if (ReadNext() is not { } next)
            {
                (_ended, _row, _position) = (true, -1, -1);
                return false;
            }

            if (ReferenceEquals(next, _batch))
                continue;
            _batch = next;
            foreach (var rebind in _rebind)
                rebind(next);
        }

        _position++;
        return true;
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) =>
    {
        var row = Row;
        value = _idOf?.Invoke(_batch!.Place(row)) ?? new DataViewRowId((ulong)_position, 0);
    };

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
            throw new ArgumentOutOfRangeException(nameof(column), $"Column '{column.Name}' is not active in this cursor.");
        if (column.Type.RawType != typeof(TValue))
            throw new InvalidOperationException($"Column '{column.Name}' holds {column.Type.RawType}; a getter of {typeof(TValue)} was requested.");
        ValueGetter<TValue>? current = null;
        Bind(_batch);
        _rebind.Add(Bind);
        return (ref TValue value) => (current ?? throw Nowhere())(ref value);

        void Bind(RowBatch? batch) => current = batch is null ? null : (ValueGetter<TValue>)batch.Columns[_places?[column.Index] ?? column.Index].CreateGetter(() => Row);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _source.Dispose();
        (_ended, _row, _position, _failure) = (true, -1, -1, null);
        base.Dispose(disposing);
    }

    /// <summary>The current row of the batch.</summary>
    private int Row => _row >= 0 ? _row : throw Nowhere();

    private static InvalidOperationException Nowhere() => new("The cursor is on no row: MoveNext has not been called, or has returned false.");

    private RowBatch? ReadNext()
    {
        try
        {
            return _source.Next();
        }
        catch (Exception exception)
        {
            (_failure, _row) = (ExceptionDispatchInfo.Capture(exception), -1);
            throw;
        }
    }
}
