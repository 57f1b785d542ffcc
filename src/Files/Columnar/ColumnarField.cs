using Microsoft.ML.Data;
using Sconce.Files.Rows;

namespace Sconce.Files.Columnar;

/// <summary>A column of a columnar file.</summary>
/// <param name="Name">The column's name.</param>
/// <param name="Type">Its type in ML.NET: a primitive for one value per row, a vector for a list; null if it cannot be read.</param>
/// <param name="Holds">Its content, for messages: "decimal numbers".</param>
internal sealed record ColumnarField(string Name, DataViewType? Type, string Holds)
{
    /// <summary>The .NET type in which its values, or those of its lists, are read; null if they cannot be read.</summary>
    public Type? StoredType { get; private init; }

    /// <summary>The form of its times.</summary>
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

    /// <summary>The form of a kept column. Its type depends on the schema only: whole numbers, Booleans and times are always nullable.</summary>
    public StoredForm OwnForm => new(Times, StoredType != typeof(ReadOnlyMemory<char>) && StoredType != typeof(DecimalText)
        && StoredType != typeof(float) && StoredType != typeof(double));
}
