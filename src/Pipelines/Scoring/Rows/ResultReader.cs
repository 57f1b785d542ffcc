using System.Numerics;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;

namespace Sconce.Pipelines.Scoring.Rows;

/// <summary>Reads an output column of a row as an object: text as a string, a key as its value, a vector as an array.</summary>
internal abstract class ResultReader
{
    private static readonly MethodInfo _scalar = Method(nameof(CreateScalar));
    private static readonly MethodInfo _vector = Method(nameof(CreateVector));
    private static readonly MethodInfo _keyValues = Method(nameof(KeyValuesOf));
    private static readonly MethodInfo _fromKey = Method(nameof(FromKey));

    /// <summary>The column's name.</summary>
    public required string Name { get; init; }

    /// <summary>Reads the current row; null for a missing key.</summary>
    public abstract object? Read();

    /// <param name="row">The row.</param>
    /// <param name="column">The column, which is active in it.</param>
    /// <param name="namesSlots">Whether vectors with names for their values become dictionaries.</param>
    /// <exception cref="NotSupportedException">It has no numbers, text or dates.</exception>
    public static ResultReader Create(DataViewRow row, DataViewSchema.Column column, bool namesSlots)
    {
        var item = (column.Type as VectorDataViewType)?.ItemType ?? column.Type;
        if (item is not PrimitiveDataViewType)
        {
            throw new NotSupportedException($"Column '{column.Name}' has the type {column.Type}; results can have numbers, text, Booleans, dates, keys, and vectors of them.")
                .About(property: nameof(RowScorerOptions.Columns), column: column.Name);
        }

        return column.Type is VectorDataViewType
            ? (ResultReader)_vector.MakeGenericMethod(item.RawType).Invoke(null, [row, column, Conversion(column, item), namesSlots ? SlotNamesOf(column) : null])!
            : (ResultReader)_scalar.MakeGenericMethod(item.RawType).Invoke(null, [row, column, Conversion(column, item)])!;
    }

    /// <summary>The names of the values of a vector; null if they have none.</summary>
    public static IReadOnlyList<string>? SlotNamesOf(DataViewSchema.Column column)
    {
        if (!column.HasSlotNames())
            return null;
        var names = default(VBuffer<ReadOnlyMemory<char>>);
        column.GetSlotNames(ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }

    private static MethodInfo Method(string name) => typeof(ResultReader).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>A <c>Func&lt;T, object?&gt;</c> of the values of a key or of text; null for values that are returned as they are.</summary>
    private static object? Conversion(DataViewSchema.Column column, DataViewType item) => item switch
    {
        TextDataViewType => (Func<ReadOnlyMemory<char>, object?>)(text => text.ToString()),
        KeyDataViewType key => _fromKey.MakeGenericMethod(key.RawType).Invoke(null, [ValuesOf(column)]),
        _ => null,
    };

    private static object?[]? ValuesOf(DataViewSchema.Column column) =>
        column.Annotations.Schema.GetColumnOrNull("KeyValues")?.Type is VectorDataViewType { ItemType: PrimitiveDataViewType and not KeyDataViewType } values
            ? (object?[])_keyValues.MakeGenericMethod(values.ItemType.RawType).Invoke(null, [column])!
            : null;

    private static object?[] KeyValuesOf<T>(DataViewSchema.Column column)
    {
        var values = default(VBuffer<T>);
        column.GetKeyValues(ref values);
        return [.. values.DenseValues().Select(value => value is ReadOnlyMemory<char> text ? text.ToString() : (object?)value)];
    }

    /// <summary>Keys without values are returned as their numbers, from 1.</summary>
    private static Func<T, object?> FromKey<T>(object?[]? values)
        where T : struct, INumber<T> => key =>
            T.IsZero(key) ? null : values is null ? key : int.CreateSaturating(key) is var index && index <= values.Length ? values[index - 1] : null;

    private static Scalar<T> CreateScalar<T>(DataViewRow row, DataViewSchema.Column column, Func<T, object?>? convert) =>
        new(row.GetGetter<T>(column), convert) { Name = column.Name };

    private static Vector<T> CreateVector<T>(DataViewRow row, DataViewSchema.Column column, Func<T, object?>? convert, IReadOnlyList<string>? slots) =>
        new(row.GetGetter<VBuffer<T>>(column), convert, slots) { Name = column.Name };

    private sealed class Scalar<T>(ValueGetter<T> read, Func<T, object?>? convert) : ResultReader
    {
        private T _value = default!;

        public override object? Read()
        {
            read(ref _value);
            return convert is null ? _value : convert(_value);
        }
    }

    private sealed class Vector<T>(ValueGetter<VBuffer<T>> read, Func<T, object?>? convert, IReadOnlyList<string>? slots) : ResultReader
    {
        private VBuffer<T> _values;

        public override object Read()
        {
            read(ref _values);
            if (slots is not null && slots.Count == _values.Length)
            {
                var named = new Dictionary<string, object?>(slots.Count, StringComparer.Ordinal);
                // Of values with the same name, the first is kept.
                foreach (var (i, value) in _values.DenseValues().Index())
                    named.TryAdd(slots[i], convert is null ? value : convert(value));
                return named;
            }

            return convert is null ? _values.DenseValues().ToArray() : _values.DenseValues().Select(convert).ToArray();
        }
    }
}
