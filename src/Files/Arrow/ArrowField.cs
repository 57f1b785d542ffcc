using Apache.Arrow;
using Apache.Arrow.Types;
using Sconce.Files.Columnar;
using Sconce.Files.Rows;

namespace Sconce.Files.Arrow;

/// <summary>A column of an Arrow file: a column of values or lists, or a field of a struct, with the name <c>a.b</c>.</summary>
/// <param name="Field">Its name and type.</param>
/// <param name="Path">Its index among the schema's columns, and within structs among their fields.</param>
internal sealed record ArrowField(ColumnarField Field, int[] Path)
{
    /// <summary>All columns of a schema.</summary>
    public static IEnumerable<ArrowField> Of(Schema schema) => schema.FieldsList.SelectMany((field, i) => Of(field, field.Name ?? "", [i]));

    private static IEnumerable<ArrowField> Of(Field field, string name, int[] path) => field.DataType is StructType structure
        ? structure.Fields.SelectMany((child, i) => Of(child, $"{name}.{child.Name}", [.. path, i]))
        : [new(Describe(name, field.DataType), path)];

    /// <summary>A column with a name and an Arrow type.</summary>
    public static ColumnarField Describe(string name, IArrowType type)
    {
        var (item, size) = type switch
        {
            FixedSizeListType { ListSize: > 0 } list => (list.ValueDataType, list.ListSize),
            ListType list => (list.ValueDataType, 0),
            LargeListType list => (list.ValueDataType, 0),
            ListViewType list => (list.ValueDataType, 0),
            LargeListViewType list => (list.ValueDataType, 0),
            _ => (null, 0),
        };
        return StoredTypeOf(item ?? type) is { } stored
            ? ColumnarField.Of(name, stored, item is not null, size) with { Times = TimesOf(item ?? type) }
            : new(name, null, $"values of Arrow's type {type.Name}{(type is NestedType { Fields: [var child, ..] } ? $" of {child.DataType.Name}" : "")}");
    }

    /// <summary>The type in which values are read; null if they cannot be read.</summary>
    private static Type? StoredTypeOf(IArrowType type) => type switch
    {
        Int8Type => typeof(sbyte),
        UInt8Type => typeof(byte),
        Int16Type => typeof(short),
        UInt16Type => typeof(ushort),
        Int32Type => typeof(int),
        UInt32Type => typeof(uint),
        Int64Type => typeof(long),
        UInt64Type => typeof(ulong),
        HalfFloatType or FloatType => typeof(float),
        DoubleType => typeof(double),
        BooleanType => typeof(bool),
        Decimal32Type or Decimal64Type or Decimal128Type or Decimal256Type => typeof(DecimalText),
        // A column of only missing values has no type: empty text is read as a missing value of any type.
        StringType or LargeStringType or StringViewType or NullType => typeof(ReadOnlyMemory<char>),
        TimestampType or Date32Type or Date64Type => typeof(DateTime),
        Time32Type or Time64Type or DurationType => typeof(TimeSpan),
        DictionaryType dictionary => StoredTypeOf(dictionary.ValueType),
        RunEndEncodedType runs => StoredTypeOf(runs.ValuesDataType),
        _ => null,
    };

    private static TimeForm TimesOf(IArrowType type) => type switch
    {
        Date32Type or Date64Type => TimeForm.Date,
        TimestampType { IsTimeZoneAware: false } => TimeForm.Local,
        Time32Type or Time64Type => TimeForm.TimeOfDay,
        DictionaryType dictionary => TimesOf(dictionary.ValueType),
        RunEndEncodedType runs => TimesOf(runs.ValuesDataType),
        _ => TimeForm.Usual,
    };
}
