using System.Runtime.ExceptionServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Files.Rows;

/// <summary>A batch as data that ML.NET reads.</summary>
/// <param name="batch">The rows.</param>
/// <param name="schema">The first of the batch's columns, those that are given.</param>
internal sealed class RowBatchView(RowBatch batch, DataViewSchema schema) : IDataView
{
    public bool CanShuffle => false;

    public DataViewSchema Schema => schema;

    public long? GetRowCount() => batch.Count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new RowBatchCursor(schema, columnsNeeded, new Once(batch));

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

/// <summary>What gives batches one after another.</summary>
internal interface IBatchSource : IDisposable
{
    /// <summary>The next batch; null when there is none.</summary>
    RowBatch? Next();
}

/// <summary>Goes through the rows of batches.</summary>
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
    /// <param name="active">Those of them that may be read.</param>
    /// <param name="source">The batches.</param>
    /// <param name="places">For each column its place in the batches; null where they have all columns.</param>
    /// <param name="idOf">Names rows by their places; null for their numbers.</param>
    public RowBatchCursor(
        DataViewSchema schema, IEnumerable<DataViewSchema.Column> active, IBatchSource source, IReadOnlyList<int>? places = null, Func<RowPlace, DataViewRowId>? idOf = null)
    {
        (_schema, _source, _places, _idOf) = (schema, source, places, idOf);
        _active = [.. active.Select(column => column.Index)];
    }

    public override DataViewSchema Schema => _schema;

    public override long Position => _position;

    public override long Batch => 0;

    public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

    public override bool MoveNext()
    {
        // After a failure there are no rows that could be read on, and it is no end either.
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

            _batch = next;
            foreach (var rebind in _rebind)
                rebind(next);
        }

        _position++;
        return true;
    }

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

    public override ValueGetter<DataViewRowId> GetIdGetter() =>
        (ref DataViewRowId value) => value = _idOf?.Invoke(_batch!.Place(_row)) ?? new DataViewRowId((ulong)_position, 0);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
            throw new ArgumentOutOfRangeException(nameof(column), $"Column '{column.Name}' is not active in this cursor.");
        if (column.Type.RawType != typeof(TValue))
            throw new InvalidOperationException($"Column '{column.Name}' holds {column.Type.RawType}; a getter of {typeof(TValue)} was asked for.");
        ValueGetter<TValue>? current = null;
        Bind(_batch);
        _rebind.Add(Bind);
        return (ref TValue value) =>
        {
            if (_row < 0)
                throw new InvalidOperationException("The cursor is on no row: MoveNext has not been called, or has returned false.");
            current!(ref value);
        };

        void Bind(RowBatch? batch) => current = batch is null ? null : (ValueGetter<TValue>)batch.Columns[_places?[column.Index] ?? column.Index].CreateGetter(() => _row);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _source.Dispose();
        (_ended, _row, _failure) = (true, -1, null);
        base.Dispose(disposing);
    }
}
