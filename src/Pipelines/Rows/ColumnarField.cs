using Microsoft.ML.Data;

namespace Sconce.Pipelines;

/// <summary>A column of a file that keeps each column's values together.</summary>
/// <param name="Name">The column's name.</param>
/// <param name="Type">What ML.NET calls it: a primitive for one value a row, a vector for a list; null for what cannot be held.</param>
/// <param name="Holds">What it holds, as messages say it: "decimal numbers".</param>
internal sealed record ColumnarField(string Name, DataViewType? Type, string Holds)
{
    /// <summary>A column of values, or of lists of them.</summary>
    /// <param name="name">The column's name.</param>
    /// <param name="rawType">The values' type; times are <see cref="DateTime"/> and durations <see cref="TimeSpan"/>.</param>
    /// <param name="isList">Whether each row has a list.</param>
    /// <param name="size">The number of values in each list; 0 if it differs.</param>
    public static ColumnarField Of(string name, Type rawType, bool isList = false, int size = 0)
    {
        PrimitiveDataViewType item = rawType == typeof(ReadOnlyMemory<char>) ? TextDataViewType.Instance
            : rawType == typeof(bool) ? BooleanDataViewType.Instance
            : rawType == typeof(DateTime) ? DateTimeDataViewType.Instance
            : rawType == typeof(TimeSpan) ? TimeSpanDataViewType.Instance
            : ColumnTypes.NumberOf(rawType);
        return new(name, isList ? new VectorDataViewType(item, size) : item, isList ? $"lists of {item}" : $"{item}");
    }

    /// <summary>Whether none of the type's values says that there is no value, as NaN and an empty text do.</summary>
    public bool AlwaysHasValue => Type is PrimitiveDataViewType and not TextDataViewType && Type != NumberDataViewType.Single && Type != NumberDataViewType.Double;
}
