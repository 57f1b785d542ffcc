using System.Globalization;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files.Rows;

namespace Sconce.Pipelines.Explanations;

/// <summary>Reads the values of a scalar column as text and numbers.</summary>
internal static class ScalarReader
{
    private static readonly MethodInfo _number = typeof(ScalarReader).GetMethod(nameof(NumberReader), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>Whether a column holds numbers that have an order, other than keys.</summary>
    public static bool IsNumber(DataViewSchema.Column column) => column.Type is NumberDataViewType;

    /// <summary>Whether a column holds text, keys or Booleans, whose values are categories.</summary>
    public static bool IsCategory(DataViewSchema.Column column) => column.Type is TextDataViewType or BooleanDataViewType || column.Type is KeyDataViewType key && key.RawType == typeof(uint);

    /// <summary>Creates a reader of a column of numbers; NaN for a missing one.</summary>
    public static Func<double> Number(DataViewRow row, DataViewSchema.Column column) =>
        (Func<double>)_number.MakeGenericMethod(column.Type.RawType).Invoke(null, [row, column])!;

    /// <summary>Creates a reader of a category as text: a key's value, "true" or "false", or a number; empty for a missing one.</summary>
    public static Func<string> Text(DataViewRow row, DataViewSchema.Column column)
    {
        switch (column.Type)
        {
            case TextDataViewType:
                var text = row.GetGetter<ReadOnlyMemory<char>>(column);
                return () =>
                {
                    var value = default(ReadOnlyMemory<char>);
                    text(ref value);
                    return value.ToString();
                };
            case BooleanDataViewType:
                var truth = row.GetGetter<bool>(column);
                return () =>
                {
                    var value = false;
                    truth(ref value);
                    return value ? "true" : "false";
                };
            case KeyDataViewType key when key.RawType == typeof(uint):
                string[] names = [.. KeyValueColumn.TextsOf(column, key)];
                var index = row.GetGetter<uint>(column);
                return () =>
                {
                    var value = 0u;
                    index(ref value);
                    return value == 0 || value > names.Length ? "" : names[value - 1];
                };
            default:
                var number = Number(row, column);
                return () => number() is var value && double.IsNaN(value) ? "" : value.ToString(CultureInfo.InvariantCulture);
        }
    }

    private static Func<double> NumberReader<T>(DataViewRow row, DataViewSchema.Column column)
        where T : struct, System.Numerics.INumber<T>
    {
        var read = row.GetGetter<T>(column);
        return () =>
        {
            var value = default(T);
            read(ref value);
            return double.CreateSaturating(value);
        };
    }
}
