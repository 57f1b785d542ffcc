using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests;

internal delegate void Fill<T>(long row, Span<T> values);

/// <summary>Rows that are made up as they are read, so that no number of them takes memory; and a count of what is read.</summary>
internal sealed class GeneratedView<T> : IDataView
    where T : unmanaged
{
    private readonly long _rows;
    private readonly Fill<T> _fill;
    private readonly Func<long, uint> _label;
    private int _opened;
    private int _disposed;
    private long _featureReads;

    /// <param name="rows">The number of rows.</param>
    /// <param name="shape">The dimensions of the column "Features".</param>
    /// <param name="classes">The number of keys of the column "Label".</param>
    /// <param name="fill">Writes the features of a row.</param>
    /// <param name="label">The key of a row, from 1; 0 is a missing value.</param>
    public GeneratedView(long rows, int[] shape, int classes, Fill<T> fill, Func<long, uint> label)
    {
        _rows = rows;
        _fill = fill;
        _label = label;
        var builder = new DataViewSchema.Builder();
        var item = typeof(T) == typeof(byte) ? NumberDataViewType.Byte : NumberDataViewType.Single;
        builder.AddColumn("Features", new VectorDataViewType(item, shape));
        builder.AddColumn("Label", new KeyDataViewType(typeof(uint), (ulong)classes));
        Schema = builder.ToSchema();
    }

    /// <summary>Whether the view knows its number of rows beforehand, as files of text do not.</summary>
    public bool TellsCount { get; init; } = true;

    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public int CursorsOpened => _opened;

    public int CursorsDisposed => _disposed;

    public long FeatureReads => _featureReads;

    private int Width => ((VectorDataViewType)Schema["Features"].Type).Size;

    public long? GetRowCount() => TellsCount ? _rows : null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        Interlocked.Increment(ref _opened);
        return new Cursor(this, [.. columnsNeeded.Select(column => column.Index)]);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(GeneratedView<T> view, HashSet<int> active) : DataViewRowCursor
    {
        private long _position = -1;
        private bool _ended;

        public override DataViewSchema Schema => view.Schema;

        public override long Position => _position;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);

        public override bool MoveNext()
        {
            _ended |= _position + 1 == view._rows;
            _position = _ended ? -1 : _position + 1;
            return !_ended;
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Assert.True(IsColumnActive(column), $"The column '{column.Name}' is read but was not asked for.");
            Delegate getter = column.Name == "Label" ? (ValueGetter<uint>)ReadLabel : (ValueGetter<VBuffer<T>>)ReadFeatures;
            return (ValueGetter<TValue>)getter;
        }

        protected override void Dispose(bool disposing)
        {
            Interlocked.Increment(ref view._disposed);
            base.Dispose(disposing);
        }

        private void ReadLabel(ref uint value) => value = view._label(_position);

        private void ReadFeatures(ref VBuffer<T> value)
        {
            Interlocked.Increment(ref view._featureReads);
            var editor = VBufferEditor.Create(ref value, view.Width);
            view._fill(_position, editor.Values);
            value = editor.Commit();
        }
    }
}
