using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Pipelines;

/// <summary>Columns of keys as columns of the values that the keys stand for, as files have them.</summary>
internal static class KeyedValues
{
    private const string KeyValues = "KeyValues";

    private static readonly MethodInfo _filler = typeof(KeyedValues).GetMethod(nameof(CreateTyped), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>The type in which a column is written: of keys whose values are known the values', of any other its own.</summary>
    public static DataViewType TypeOf(DataViewSchema.Column column)
    {
        if (ValueTypeOf(column) is not { } value)
            return column.Type;
        return column.Type is VectorDataViewType vector ? new VectorDataViewType(value, vector.Dimensions.ToArray()) : value;
    }

    /// <summary>Makes what takes the value of the row that a cursor is on as the batch's row of a number.</summary>
    /// <param name="values">A column of the type that <see cref="TypeOf"/> gives.</param>
    /// <param name="cursor">The cursor.</param>
    /// <param name="column">Its column.</param>
    public static Action<int> CreateFiller(ColumnValues values, DataViewRow cursor, DataViewSchema.Column column) => ValueTypeOf(column) is { } value
        ? (Action<int>)_filler.MakeGenericMethod(value.RawType).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [values, cursor, column], null)!
        : values.CreateFiller(cursor, column);

    private static PrimitiveDataViewType? ValueTypeOf(DataViewSchema.Column column) =>
        ((column.Type as VectorDataViewType)?.ItemType ?? column.Type) is KeyDataViewType key && key.RawType == typeof(uint)
            && column.Annotations.Schema.GetColumnOrNull(KeyValues)?.Type is VectorDataViewType { ItemType: TextDataViewType or NumberDataViewType or BooleanDataViewType } values && (ulong)values.Size == key.Count
            ? values.ItemType
            : null;

    private static Action<int> CreateTyped<T>(ColumnValues values, DataViewRow cursor, DataViewSchema.Column column)
    {
        var annotation = default(VBuffer<T>);
        column.Annotations.GetValue(KeyValues, ref annotation);
        T[] named = [.. annotation.DenseValues()];
        if (column.Type is not VectorDataViewType)
        {
            var read = cursor.GetGetter<uint>(column);
            return row =>
            {
                var key = 0u;
                read(ref key);
                ((FixedValues<T>)values).Row(row)[0] = ValueOf(key);
            };
        }

        var readVector = cursor.GetGetter<VBuffer<uint>>(column);
        var keys = default(VBuffer<uint>);
        return row =>
        {
            readVector(ref keys);
            T[] found = [.. keys.DenseValues().Select(ValueOf)];
            if (values is VariableValues<T> variable)
                variable[row] = found;
            else
                found.CopyTo(((FixedValues<T>)values).Row(row));
        };

        // A key of 0 stands for none: an empty text, or a number that is none.
        T ValueOf(uint key) => key > 0 ? named[key - 1]
            : typeof(T) == typeof(float) ? (T)(object)float.NaN
            : typeof(T) == typeof(double) ? (T)(object)double.NaN
            : typeof(T) == typeof(ReadOnlyMemory<char>) ? default!
            : throw new InvalidDataException($"Column '{column.Name}' has a missing key in row {cursor.Position}, which stands for no {typeof(T).Name}. ml.Transforms.Conversion.MapKeyToValue makes another column of it.");
    }
}
