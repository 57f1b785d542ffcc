using System.Reflection;
using Microsoft.ML.Data;
using Sconce.Files.Rows;

namespace Sconce.Files.Columnar;

/// <summary>The values of a requested column in a chunk.</summary>
internal abstract class ChunkColumn
{
    private static readonly MethodInfo _flat = typeof(ChunkColumn).GetMethod(nameof(CreateFlat), BindingFlags.NonPublic | BindingFlags.Static)!;
    private static readonly MethodInfo _list = typeof(ChunkColumn).GetMethod(nameof(CreateList), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>Creates a column of fields with one value per row: a field for each value of a vector, or none for a missing label.</summary>
    /// <returns>Null if a field's values cannot be converted to the column's.</returns>
    public static ChunkColumn? OfFields(RequestedColumn column, int[] places, IEnumerable<ColumnarField> fields) =>
        (ChunkColumn?)_flat.MakeGenericMethod(column.ItemType.RawType).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [column, places, fields], null);

    /// <summary>Creates a column of a field with a list in each row.</summary>
    /// <returns>Null if the field's values cannot be converted to the column's.</returns>
    public static ChunkColumn? OfList(RequestedColumn column, int place, ColumnarField field) =>
        (ChunkColumn?)_list.MakeGenericMethod(column.ItemType.RawType).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [column, place, field], null);

    /// <summary>Reads and converts a chunk.</summary>
    /// <param name="read">Reads a field of the chunk.</param>
    /// <param name="bad">Receives the bad rows.</param>
    public abstract void Load(Func<int, FieldChunk> read, Dictionary<int, BadValue> bad);

    /// <summary>Copies the values of rows into a batch.</summary>
    /// <param name="values">The batch's column.</param>
    /// <param name="to">The first row in it.</param>
    /// <param name="row">The first row of the chunk.</param>
    /// <param name="count">The number of rows.</param>
    public abstract void Fill(ColumnValues values, int to, int row, int count);

    private static FlatColumn<T>? CreateFlat<T>(RequestedColumn column, int[] places, IEnumerable<ColumnarField> fields) =>
        fields.All(field => ChunkConverter<T>.CanConvert(field.StoredType!)) ? new(column, new(column), places, [.. fields.Select(field => field.Name)]) : null;

    private static ListColumn<T>? CreateList<T>(RequestedColumn column, int place, ColumnarField field) =>
        ChunkConverter<T>.CanConvert(field.StoredType!) ? new(column, new(column), place) : null;

    private sealed class FlatColumn<T>(RequestedColumn column, ChunkConverter<T> converter, int[] places, string[] names) : ChunkColumn
    {
        private const int TileRows = 32;
        private static readonly bool[] _one = [true];

        private readonly bool _isNullable = column.IsNullable;
        private readonly T[][] _values = new T[places.Length][];
        private readonly bool[]?[] _missing = new bool[]?[places.Length];
        private readonly List<int> _refused = [];

        public override void Load(Func<int, FieldChunk> read, Dictionary<int, BadValue> bad)
        {
            for (var i = 0; i < places.Length; i++)
            {
                // The previous values are released first: one record batch may fill the memory.
                _values[i] = [];
                var chunk = read(places[i]);
                _refused.Clear();
                _values[i] = chunk.Convert(converter, _refused);
                _missing[i] = _isNullable ? chunk.Missing : null;
                foreach (var row in _refused.Where(row => !bad.ContainsKey(row)))
                    bad.Add(row, new(column.Name, $"column '{names[i]}' is {converter.Refuse(chunk, row)}"));
            }
        }

        public override void Fill(ColumnValues values, int to, int row, int count)
        {
            for (var i = 0; _isNullable && i < count; i++)
                values.SetMissing(to + i, MissingOf(row + i));
            var target = ((FixedValues<T>)values).Rows(to + count)[(to * _values.Length)..];
            // In tiles, so that wide rows stay in the cache of the processor.
            for (var (first, last) = (0, 0); first < count; first = last)
            {
                last = Math.Min(first + TileRows, count);
                for (var slot = 0; slot < _values.Length; slot++)
                {
                    var place = first * _values.Length + slot;
                    foreach (var value in _values[slot].AsSpan(row + first, last - first))
                    {
                        target[place] = value;
                        place += _values.Length;
                    }
                }
            }
        }

        private bool[]? MissingOf(int row) => Array.TrueForAll(_missing, missing => missing?[row] is not true) ? null
            : _missing.Length == 1 ? _one : Array.ConvertAll(_missing, missing => missing?[row] is true);
    }

    private sealed class ListColumn<T>(RequestedColumn column, ChunkConverter<T> converter, int place) : ChunkColumn
    {
        private readonly int _size = ((VectorDataViewType)column.Type!).Size;
        private readonly List<int> _refused = [];
        private T[] _values = [];
        private int[] _offsets = [];
        private bool[]? _without;
        private bool[]? _missing;

        public override void Load(Func<int, FieldChunk> read, Dictionary<int, BadValue> bad)
        {
            _values = [];
            var chunk = read(place);
            _refused.Clear();
            _values = chunk.Convert(converter, _refused);
            (_offsets, _without, _missing) = (chunk.Offsets!, chunk.RowsWithoutList, column.IsNullable ? chunk.Missing : null);
            for (var row = 0; row < _offsets.Length - 1; row++)
            {
                if (RefuseLength(row) is { } reason)
                    bad.TryAdd(row, new(column.Name, reason));
            }

            RefuseValues(chunk, bad);
        }

        public override void Fill(ColumnValues values, int to, int row, int count)
        {
            for (var i = 0; i < count; i++)
                Fill(values, to + i, row + i);
        }

        private void Fill(ColumnValues values, int to, int row)
        {
            var list = _without?[row] is true ? [] : _values.AsSpan(_offsets[row].._offsets[row + 1]);
            if (column.IsNullable)
                values.SetMissing(to, MissingOf(row));
            if (values is FixedValues<T> { Width: var width } && list.Length < width)
                list = new T[width];
            if (values is FixedValues<T> vectors)
                list.CopyTo(vectors.Row(to));
            else
                ((VariableValues<T>)values)[to] = list.ToArray();
        }

        private bool[]? MissingOf(int row)
        {
            if (_without?[row] is true)
                return _size > 0 ? [.. Enumerable.Repeat(element: true, _size)] : null;
            var places = _offsets[row].._offsets[row + 1];
            return _missing is not null && _missing.AsSpan(places).Contains(value: true) ? _missing[places] : null;
        }

        private string? RefuseLength(int row)
        {
            if (_without?[row] is true && column.IsNullable)
                return null;
            // A missing list is empty, unless values are required.
            if (_without?[row] is true && (_size > 0 || column.IsFinite))
                return $"column '{column.Name}' is null; {(_size > 0 ? $"{_size} values are" : "a list of values is")} expected";
            var length = _offsets[row + 1] - _offsets[row];
            return _size > 0 && length != _size ? $"column '{column.Name}' has {length} values; {_size} are expected" : null;
        }

        private void RefuseValues(FieldChunk chunk, Dictionary<int, BadValue> bad)
        {
            _refused.Sort();
            if (_offsets.Length < 2)
                return;
            var row = 0;
            foreach (var value in _refused)
            {
                while (row < _offsets.Length - 2 && value >= _offsets[row + 1])
                    row++;
                // Values between lists, or of a missing list, belong to no row.
                if (value >= _offsets[row] && value < _offsets[row + 1] && _without?[row] is not true && !bad.ContainsKey(row))
                    bad.Add(row, new(column.Name, $"value {value - _offsets[row] + 1} of column '{column.Name}' is {converter.Refuse(chunk, value)}"));
            }
        }
    }
}

/// <summary>A bad value.</summary>
/// <param name="Column">The requested column.</param>
/// <param name="Reason">The <see cref="BadRow.Reason"/>.</param>
internal readonly record struct BadValue(string Column, string Reason);
