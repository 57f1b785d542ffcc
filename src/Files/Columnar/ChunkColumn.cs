using System.Reflection;
using Microsoft.ML.Data;
using Sconce.Files.Rows;

namespace Sconce.Files.Columnar;

/// <summary>A column that is asked for, with its values for the rows of a chunk.</summary>
internal abstract class ChunkColumn
{
    private static readonly MethodInfo _flat = typeof(ChunkColumn).GetMethod(nameof(CreateFlat), BindingFlags.NonPublic | BindingFlags.Static)!;
    private static readonly MethodInfo _list = typeof(ChunkColumn).GetMethod(nameof(CreateList), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>Makes a column of fields that have one value a row: one for each value of a vector; none for a label that is not there.</summary>
    /// <returns>Null if a field's values cannot stand for the column's.</returns>
    public static ChunkColumn? OfFields(RequestedColumn column, int[] places, IEnumerable<ColumnarField> fields) =>
        (ChunkColumn?)_flat.MakeGenericMethod(column.ItemType.RawType).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [column, places, fields], null);

    /// <summary>Makes a column of a field that has a list in each row.</summary>
    /// <returns>Null if the field's values cannot stand for the column's.</returns>
    public static ChunkColumn? OfList(RequestedColumn column, int place, ColumnarField field) =>
        (ChunkColumn?)_list.MakeGenericMethod(column.ItemType.RawType).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [column, place, field], null);

    /// <summary>Reads and converts a chunk.</summary>
    /// <param name="read">Reads a field of the chunk.</param>
    /// <param name="bad">Is given the rows that cannot be used, and why, unless it has them already.</param>
    public abstract void Load(Func<int, FieldChunk> read, Dictionary<int, string> bad);

    /// <summary>Puts a row's values into a batch.</summary>
    public abstract void Fill(ColumnValues values, int to, int row);

    private static FlatColumn<T>? CreateFlat<T>(RequestedColumn column, int[] places, IEnumerable<ColumnarField> fields) =>
        fields.All(field => ChunkConverter<T>.CanConvert(field.StoredType!)) ? new(new(column), places, [.. fields.Select(field => field.Name)], column.IsNullable) : null;

    private static ListColumn<T>? CreateList<T>(RequestedColumn column, int place, ColumnarField field) =>
        ChunkConverter<T>.CanConvert(field.StoredType!) ? new(column, new(column), place) : null;

    private sealed class FlatColumn<T>(ChunkConverter<T> converter, int[] places, string[] names, bool isNullable) : ChunkColumn
    {
        private const int BlockRows = 16;

        private static readonly bool[] _one = [true];

        private readonly T[][] _values = new T[places.Length][];
        private readonly bool[]?[] _missing = new bool[]?[places.Length];
        private readonly List<int> _refused = [];

        // Some rows of a vector: to gather each by itself would miss the cache in every field.
        private readonly T[] _block = new T[places.Length > 1 ? BlockRows * places.Length : 0];
        private int _blockStart = -1;

        public override void Load(Func<int, FieldChunk> read, Dictionary<int, string> bad)
        {
            _blockStart = -1;
            for (var i = 0; i < places.Length; i++)
            {
                // The one before is let go first: a record batch of a foreign file may fill the memory.
                _values[i] = [];
                var chunk = read(places[i]);
                _refused.Clear();
                _values[i] = chunk.Convert(converter, _refused);
                _missing[i] = isNullable ? chunk.Missing : null;
                foreach (var row in _refused)
                {
                    if (!bad.ContainsKey(row))
                        bad.Add(row, $"column '{names[i]}' is {converter.Refuse(chunk, row)}");
                }
            }
        }

        public override void Fill(ColumnValues values, int to, int row)
        {
            if (isNullable)
                values.SetMissing(to, MissingOf(row));
            if (_values is [var single])
            {
                ((FixedValues<T>)values).Row(to)[0] = single[row];
                return;
            }

            if (_values.Length == 0)
                return;
            if (_blockStart != row / BlockRows * BlockRows)
                FillBlock(row / BlockRows * BlockRows);
            _block.AsSpan((row - _blockStart) * _values.Length, _values.Length).CopyTo(((FixedValues<T>)values).Row(to));
        }

        private void FillBlock(int start)
        {
            _blockStart = start;
            for (var i = 0; i < _values.Length; i++)
            {
                var column = _values[i].AsSpan(start);
                column = column[..Math.Min(column.Length, BlockRows)];
                for (var row = 0; row < column.Length; row++)
                    _block[row * _values.Length + i] = column[row];
            }
        }

        private bool[]? MissingOf(int row) => Array.TrueForAll(_missing, column => column?[row] is not true) ? null
            : _missing.Length == 1 ? _one : Array.ConvertAll(_missing, column => column?[row] is true);
    }

    private sealed class ListColumn<T>(RequestedColumn column, ChunkConverter<T> converter, int place) : ChunkColumn
    {
        private readonly int _size = ((VectorDataViewType)column.Type!).Size;
        private readonly List<int> _refused = [];
        private T[] _values = [];
        private int[] _offsets = [];
        private bool[]? _without;
        private bool[]? _missing;

        public override void Load(Func<int, FieldChunk> read, Dictionary<int, string> bad)
        {
            _values = [];
            var chunk = read(place);
            _refused.Clear();
            _values = chunk.Convert(converter, _refused);
            (_offsets, _without, _missing) = (chunk.Offsets!, chunk.RowsWithoutList, column.IsNullable ? chunk.Missing : null);
            for (var row = 0; row < _offsets.Length - 1; row++)
            {
                if (RefuseLength(row) is { } reason)
                    bad.TryAdd(row, reason);
            }

            RefuseValues(chunk, bad);
        }

        public override void Fill(ColumnValues values, int to, int row)
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
            // A row without a list is one of no values, unless values have to be there.
            if (_without?[row] is true && (_size > 0 || column.IsFinite))
                return $"column '{column.Name}' is null; {(_size > 0 ? $"{_size} values are" : "a list of values is")} expected";
            var length = _offsets[row + 1] - _offsets[row];
            return _size > 0 && length != _size ? $"column '{column.Name}' has {length} values; {_size} are expected" : null;
        }

        private void RefuseValues(FieldChunk chunk, Dictionary<int, string> bad)
        {
            _refused.Sort();
            if (_offsets.Length < 2)
                return;
            var row = 0;
            foreach (var value in _refused)
            {
                while (row < _offsets.Length - 2 && value >= _offsets[row + 1])
                    row++;
                // What lies between the lists, or in the place of one that is not there, is nobody's.
                if (value >= _offsets[row] && value < _offsets[row + 1] && _without?[row] is not true && !bad.ContainsKey(row))
                    bad.Add(row, $"value {value - _offsets[row] + 1} of column '{column.Name}' is {converter.Refuse(chunk, value)}");
            }
        }
    }
}
