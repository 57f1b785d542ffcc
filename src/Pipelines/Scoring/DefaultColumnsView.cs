using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files.Rows;
using Sconce.Trainers.Training;

namespace Sconce.Pipelines.Scoring;

/// <summary>Adds columns of default values: columns that a pipeline expects but scoring does not need, and the marker of <see cref="UnsplitRows"/>.</summary>
internal sealed class DefaultColumnsView : IDataView
{
    private readonly IDataView _source;
    private readonly long _first;

    /// <param name="source">The rows.</param>
    /// <param name="missing">The columns that are added.</param>
    /// <param name="first">The position of the first row, for messages.</param>
    public DefaultColumnsView(IDataView source, IEnumerable<DataViewSchema.Column> missing, long first = 0)
    {
        (_source, _first) = (source, first);
        Schema = RequestedColumn.SchemaOf(source.Schema.Concat(missing).Select(RequestedColumn.Of));
    }

    public bool CanShuffle => _source.CanShuffle;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => _source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var needed = columnsNeeded.Select(column => column.Index).ToHashSet();
        return new Cursor(Schema, _source.GetRowCursor(_source.Schema.Where(column => needed.Contains(column.Index)), rand), needed, _first);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(DataViewSchema schema, DataViewRowCursor input, HashSet<int> active, long first) : WrappedCursor(input)
    {
        private static readonly MethodInfo _emptyVector = typeof(Cursor).GetMethod(nameof(EmptyVector), BindingFlags.NonPublic | BindingFlags.Static)!;

        public override DataViewSchema Schema => schema;

        public override long Position => Input.Position < 0 ? Input.Position : first + Input.Position;

        public override bool MoveNext() => Input.MoveNext();

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (column.Index < Input.Schema.Count)
                return Input.GetGetter<TValue>(Input.Schema[column.Index]);
            if (column.Type is not VectorDataViewType vector)
                return (ref TValue value) => value = default!;
            var empty = (TValue)_emptyVector.MakeGenericMethod(vector.ItemType.RawType).Invoke(null, [vector.Size])!;
            return (ref TValue value) => value = empty;
        }

        private static VBuffer<T> EmptyVector<T>(int size) => new(size, 0, [], []);
    }
}
