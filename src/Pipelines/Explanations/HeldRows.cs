using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files.Rows;
using Sconce.Trainers.Scoring;

namespace Sconce.Pipelines.Explanations;

/// <summary>Rows in memory, in which some columns can have the values of other rows.</summary>
internal sealed class HeldRows : IDataView
{
    private readonly IReadOnlyList<HeldColumn> _columns;
    private readonly IReadOnlyDictionary<string, Func<int, int>> _sources;

    private HeldRows(DataViewSchema schema, IReadOnlyList<HeldColumn> columns, int count, IReadOnlyDictionary<string, Func<int, int>> sources) =>
        (Schema, _columns, Count, _sources) = (schema, columns, count, sources);

    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    /// <summary>The number of rows.</summary>
    public int Count { get; }

    /// <summary>Reads some columns of all rows, or of a random sample of them in their order.</summary>
    /// <param name="data">The data.</param>
    /// <param name="names">The names of the columns.</param>
    /// <param name="most">The maximum number of rows; null for all.</param>
    /// <param name="seed">The seed of the sample.</param>
    public static HeldRows Take(IDataView data, IEnumerable<string> names, int? most, int seed)
    {
        var wanted = names.ToHashSet(StringComparer.Ordinal);
        List<DataViewSchema.Column> columns = [.. data.Schema.Where(column => !column.IsHidden && wanted.Contains(column.Name))];
        var isTaken = Sample(data, most, seed);
        using var cursor = data.GetRowCursor(columns);
        List<HeldColumn> held = [.. columns.Select(column => HeldColumn.Create(cursor, column))];
        var count = 0;
        for (var row = 0; cursor.MoveNext(); row++)
        {
            if (!isTaken(row))
                continue;
            held.ForEach(column => column.Read());
            count++;
        }

        return new(RequestedColumn.SchemaOf(columns.Select(RequestedColumn.Of)), held, count, new Dictionary<string, Func<int, int>>(StringComparer.Ordinal));
    }

    /// <summary>The same rows, in which some columns have the values of other rows.</summary>
    /// <param name="names">The names of the columns.</param>
    /// <param name="source">The row whose value a row gets.</param>
    public HeldRows With(IEnumerable<string> names, Func<int, int> source) =>
        new(Schema, _columns, Count, names.ToDictionary(name => name, _ => source, StringComparer.Ordinal));

    public long? GetRowCount() => Count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(this, columnsNeeded.Select(column => column.Index).ToHashSet());

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    private static Func<int, bool> Sample(IDataView data, int? most, int seed)
    {
        if (most is not { } limit)
            return _ => true;
        var rows = 0;
        using (var cursor = data.GetRowCursor([]))
        {
            while (cursor.MoveNext())
                rows++;
        }

        if (rows <= limit)
            return _ => true;
        int[] order = [.. Enumerable.Range(0, rows)];
        new Random(seed).Shuffle(order);
        return order.AsSpan(0, limit).ToArray().ToHashSet().Contains;
    }

    private sealed class Cursor(HeldRows rows, HashSet<int> active) : DataViewRowCursor
    {
        private int _row = -1;

        public override DataViewSchema Schema => rows.Schema;

        public override long Position => _row;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override bool MoveNext() => _row + 1 < rows.Count && ++_row >= 0;

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            var getter = rows._columns[column.Index].CreateGetter(rows._sources.TryGetValue(column.Name, out var source) ? () => source(_row) : () => _row);
            return ScoringSchema.Cast<TValue>(getter, column);
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = new DataViewRowId((ulong)_row, 0);
    }

    /// <summary>The values of a column.</summary>
    private abstract class HeldColumn
    {
        private static readonly MethodInfo _scalar = typeof(HeldColumn).GetMethod(nameof(CreateScalar), BindingFlags.NonPublic | BindingFlags.Static)!;
        private static readonly MethodInfo _vector = typeof(HeldColumn).GetMethod(nameof(CreateVector), BindingFlags.NonPublic | BindingFlags.Static)!;

        public static HeldColumn Create(DataViewRow row, DataViewSchema.Column column)
        {
            var create = column.Type is VectorDataViewType vector
                ? _vector.MakeGenericMethod(vector.ItemType.RawType)
                : _scalar.MakeGenericMethod(column.Type.RawType);
            return create.CreateDelegate<Func<DataViewRow, DataViewSchema.Column, HeldColumn>>()(row, column);
        }

        /// <summary>Keeps the value of the input's current row.</summary>
        public abstract void Read();

        public abstract Delegate CreateGetter(Func<int> current);

        private static Values<T> CreateScalar<T>(DataViewRow row, DataViewSchema.Column column) =>
            new(row.GetGetter<T>(column), (List<T> values, int i, ref T value) => value = values[i]);

        private static Values<VBuffer<T>> CreateVector<T>(DataViewRow row, DataViewSchema.Column column) =>
            new(row.GetGetter<VBuffer<T>>(column), (List<VBuffer<T>> values, int i, ref VBuffer<T> value) => values[i].CopyTo(ref value));

        private delegate void Copy<T>(List<T> values, int index, ref T value);

        private sealed class Values<T>(ValueGetter<T> read, Copy<T> copy) : HeldColumn
        {
            private readonly List<T> _values = [];

            public override void Read()
            {
                // A new buffer for each row.
                var value = default(T)!;
                read(ref value);
                _values.Add(value);
            }

            public override Delegate CreateGetter(Func<int> current) => (ValueGetter<T>)((ref T value) => copy(_values, current(), ref value));
        }
    }
}
