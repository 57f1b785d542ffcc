using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Pipelines.Forecasts;

/// <summary>Columns of equal length that are held in memory, as rows.</summary>
internal sealed class SeriesView : IDataView
{
    private readonly IReadOnlyList<Array> _columns;

    /// <param name="columns">The columns: <c>DateTime[]</c>, <c>double[]</c>, <c>float[]</c> or <c>string[]</c>, all as long as the first.</param>
    public SeriesView(IReadOnlyList<(string Name, Array Values)> columns)
    {
        _columns = [.. columns.Select(column => column.Values)];
        var schema = new DataViewSchema.Builder();
        foreach (var (name, values) in columns)
            schema.AddColumn(name, TypeOf(values));
        Schema = schema.ToSchema();
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => false;

    private int Count => _columns[0].Length;

    public long? GetRowCount() => Count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => new Cursor(this, [.. columnsNeeded.Select(column => column.Index)]);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    private static DataViewType TypeOf(Array values) => values switch
    {
        DateTime[] => DateTimeDataViewType.Instance,
        string[] => TextDataViewType.Instance,
        double[] => NumberDataViewType.Double,
        _ => NumberDataViewType.Single,
    };

    private sealed class Cursor(SeriesView view, HashSet<int> active) : DataViewRowCursor
    {
        private int _row = -1;
        private bool _ended;

        public override DataViewSchema Schema => view.Schema;

        public override long Position => _ended ? -1 : _row;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_row, 0);

        public override bool MoveNext()
        {
            _ended |= _row + 1 >= view.Count;
            if (!_ended)
                _row++;
            return !_ended;
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!IsColumnActive(column))
                throw new InvalidOperationException($"The column '{column.Name}' was not asked for when the cursor was made.");
            Delegate getter = view._columns[column.Index] switch
            {
                DateTime[] dates => (ValueGetter<DateTime>)((ref DateTime value) => value = dates[_row]),
                string[] texts => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = texts[_row].AsMemory()),
                double[] numbers => (ValueGetter<double>)((ref double value) => value = numbers[_row]),
                var numbers => (ValueGetter<float>)((ref float value) => value = ((float[])numbers)[_row]),
            };
            return getter as ValueGetter<TValue> ?? throw new InvalidOperationException($"Column '{column.Name}' holds {column.Type.RawType}; a getter of {typeof(TValue)} was asked for.");
        }
    }
}
