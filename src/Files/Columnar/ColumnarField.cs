using Microsoft.ML.Data;
using Sconce.Files.Rows;

namespace Sconce.Files.Columnar;

/// <summary>A column of a file that keeps each column's values together.</summary>
/// <param name="Name">The column's name.</param>
/// <param name="Type">What ML.NET calls it: a primitive for one value a row, a vector for a list; null for what cannot be held.</param>
/// <param name="Holds">What it holds, as messages say it: "decimal numbers".</param>
internal sealed record ColumnarField(string Name, DataViewType? Type, string Holds)
{
    /// <summary>The .NET type in which its values, or those of its lists, are read; null for what cannot be held.</summary>
    public Type? StoredType { get; private init; }

    /// <summary>What its times are.</summary>
    public TimeForm Times { get; init; }

    /// <summary>A column of values, or of lists of them.</summary>
    /// <param name="name">The column's name.</param>
    /// <param name="rawType">The values' type; times are <see cref="DateTime"/> and durations <see cref="TimeSpan"/>.</param>
    /// <param name="isList">Whether each row has a list.</param>
    /// <param name="size">The number of values in each list; 0 if it differs.</param>
    public static ColumnarField Of(string name, Type rawType, bool isList = false, int size = 0)
    {
        PrimitiveDataViewType item = rawType == typeof(ReadOnlyMemory<char>) || rawType == typeof(DecimalText) ? TextDataViewType.Instance
            : rawType == typeof(bool) ? BooleanDataViewType.Instance
            : rawType == typeof(DateTime) ? DateTimeDataViewType.Instance
            : rawType == typeof(TimeSpan) ? TimeSpanDataViewType.Instance
            : ColumnTypes.NumberOf(rawType);
        var holds = rawType == typeof(DecimalText) ? "decimal numbers" : $"{item}";
        return new(name, isList ? new VectorDataViewType(item, size) : item, isList ? $"lists of {holds}" : holds) { StoredType = rawType };
    }

    /// <summary>
    /// How it is passed through. Values may be missing of every column of whole numbers, truth values and times, whatever the file says: so
    /// the type is that of the schema alone, and files that follow may have missing values. A missing text is empty, another number NaN.
    /// </summary>
    public StoredForm OwnForm => new(Times, StoredType != typeof(ReadOnlyMemory<char>) && StoredType != typeof(DecimalText) && StoredType != typeof(float) && StoredType != typeof(double));
}
