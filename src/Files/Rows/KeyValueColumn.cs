using System.Globalization;
using System.Numerics;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;

namespace Sconce.Files.Rows;

/// <summary>A column of keys, or of vectors of keys, with key values in its annotations.</summary>
internal abstract class KeyValueColumn
{
    private const string KeyValues = "KeyValues";

    private static readonly MethodInfo _create = typeof(KeyValueColumn).GetMethod(nameof(Create), BindingFlags.NonPublic | BindingFlags.Static)!;

    private KeyValueColumn(DataViewSchema.Column column, PrimitiveDataViewType item)
    {
        Type = column.Type is VectorDataViewType vector ? new VectorDataViewType(item, vector.Dimensions) : item;
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(column.Annotations, name => name != KeyValues);
        Annotations = annotations.ToAnnotations();
    }

    /// <summary>The type of the values.</summary>
    public DataViewType Type { get; }

    /// <summary>The other annotations of the column, such as slot names.</summary>
    public DataViewSchema.Annotations Annotations { get; }

    /// <summary>Finds the key values of a column.</summary>
    /// <returns>Null if the column has no keys, or its keys have no values.</returns>
    public static KeyValueColumn? Of(DataViewSchema.Column column)
    {
        var item = (column.Type as VectorDataViewType)?.ItemType ?? column.Type;
        return item is KeyDataViewType key && column.Annotations.Schema.GetColumnOrNull(KeyValues)?.Type is VectorDataViewType { ItemType: PrimitiveDataViewType and not KeyDataViewType } values && (ulong)values.Size == key.Count
            ? (KeyValueColumn)_create.MakeGenericMethod(key.RawType, values.ItemType.RawType).Invoke(null, [column, values.ItemType])!
            : null;
    }

    /// <summary>The key values as text in the invariant culture, from key 1; the numbers of the keys if they have no values.</summary>
    public static IEnumerable<string> TextsOf(DataViewSchema.Column column, KeyDataViewType key) =>
        Of(column)?.Texts ?? Enumerable.Range(1, checked((int)key.Count)).Select(number => number.ToString(CultureInfo.InvariantCulture));

    /// <summary>The key values as text.</summary>
    protected abstract IEnumerable<string> Texts { get; }

    /// <summary>Creates a function that copies the key values of a cursor's current row into a row of the batch.</summary>
    /// <param name="cursor">The cursor, in which the column is active.</param>
    /// <param name="values">The batch's column of this type; a missing key becomes empty text or NaN.</param>
    public abstract Action<int> CreateFiller(DataViewRowCursor cursor, ColumnValues values);

    private static Values<TKey, TValue> Create<TKey, TValue>(DataViewSchema.Column column, PrimitiveDataViewType item)
        where TKey : struct, INumber<TKey> => new(column, item);

    private sealed class Values<TKey, TValue> : KeyValueColumn
        where TKey : struct, INumber<TKey>
    {
        private readonly DataViewSchema.Column _column;
        private readonly TValue[] _values;
        private readonly bool _mayBeMissing;
        private readonly TValue? _missing;

        public Values(DataViewSchema.Column column, PrimitiveDataViewType item)
            : base(column, item)
        {
            _column = column;
            var values = default(VBuffer<TValue>);
            column.Annotations.GetValue(KeyValues, ref values);
            _values = [.. values.DenseValues()];
            _missing = typeof(TValue) == typeof(float) ? (TValue)(object)float.NaN : typeof(TValue) == typeof(double) ? (TValue)(object)double.NaN : default;
            _mayBeMissing = item is TextDataViewType || item == NumberDataViewType.Single || item == NumberDataViewType.Double;
        }

        protected override IEnumerable<string> Texts => _values.Select(value => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");

        public override Action<int> CreateFiller(DataViewRowCursor cursor, ColumnValues values)
        {
            var keys = ColumnValues.Create(_column.Name, _column.Type, capacity: 1);
            var read = keys.CreateFiller(cursor, _column);
            return row =>
            {
                read(0);
                if (keys is FixedValues<TKey> vector)
                    Fill(vector.Row(0), ((FixedValues<TValue>)values).Row(row), cursor);
                else
                    Fill(((VariableValues<TKey>)keys)[0], ((VariableValues<TValue>)values)[row] = new TValue[((VariableValues<TKey>)keys)[0].Length], cursor);
            };
        }

        private void Fill(ReadOnlySpan<TKey> keys, Span<TValue> values, DataViewRowCursor cursor)
        {
            for (var i = 0; i < keys.Length; i++)
            {
                var key = int.CreateSaturating(keys[i]);
                if (key > 0 && key <= _values.Length)
                    values[i] = _values[key - 1];
                else if (_mayBeMissing)
                    values[i] = _missing!;
                else
                {
                    throw new InvalidDataException($"Row {cursor.Position + 1}: column '{_column.Name}' has a missing key, but {Type} has no missing value. ml.Data.FilterRowsByMissingValues removes such rows.")
                        .About(row: cursor.Position + 1, column: _column.Name);
                }
            }
        }
    }
}
