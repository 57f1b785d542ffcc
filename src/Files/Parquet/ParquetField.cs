using Apache.Arrow;
using Apache.Arrow.Types;
using ParquetSharp;
using ParquetSharp.Arrow;
using ParquetSharp.Schema;
using Sconce.Files.Arrow;
using Sconce.Files.Columnar;
using Sconce.Files.Rows;

namespace Sconce.Files.Parquet;

/// <summary>A column of a Parquet file, or a field of a group in it, with the name <c>a.b</c>.</summary>
/// <param name="Field">Its name and type.</param>
/// <param name="Leaf">Its index among the file's columns of values; -1 if it cannot be read.</param>
/// <param name="Path">Its index among the fields of the schema, and within groups among their fields.</param>
/// <param name="Read">Copies its values from Arrow.</param>
internal sealed record ParquetField(ColumnarField Field, int Leaf, IReadOnlyList<int> Path, Func<IArrowArray, FieldChunk> Read)
{
    /// <summary>Whether its values are texts, or lists of texts.</summary>
    public bool HoldsText => Field.StoredType == typeof(ReadOnlyMemory<char>) || Field.StoredType == typeof(DecimalText);

    /// <summary>The columns of a file: values, lists of values, and others, which are known by name only.</summary>
    public static IEnumerable<ParquetField> Of(FileReader file)
    {
        var schema = file.ParquetReader.FileMetaData.Schema;
        using var root = schema.GroupNode;
        List<ParquetField> fields = [];
        foreach (var (index, (field, node)) in file.SchemaManifest.SchemaFields.Zip(root.Fields).Index())
        {
            using (node)
                Add(fields, schema, field, node, field.Field.Name, [index]);
        }

        return fields;
    }

    private static void Add(List<ParquetField> fields, SchemaDescriptor schema, SchemaField field, Node node, string name, int[] path)
    {
        var type = TypeOf(node);
        if (field.Field.DataType is not StructType || type is not null || node is not GroupNode group)
        {
            fields.Add(type is not (null or nameof(LogicalTypeEnum.List)) && field.Field.DataType is NestedType
                ? Unreadable(name, $"values of Parquet's type {type}")
                : OfValues(schema, field, name, path));
            return;
        }

        foreach (var (index, (child, childNode)) in field.Children.Zip(group.Fields).Index())
        {
            using (childNode)
                Add(fields, schema, child, childNode, $"{name}.{child.Field.Name}", [.. path, index]);
        }
    }

    private static ParquetField OfValues(SchemaDescriptor schema, SchemaField field, string name, int[] path)
    {
        var isList = field.Field.DataType is ListType;
        var leaf = isList && field.Children is [{ ColumnIndex: >= 0 } item] ? item : field;
        if (leaf.ColumnIndex < 0)
            return Unreadable(name, "lists of columns");
        var column = schema.Column(leaf.ColumnIndex);
        using var logical = column.LogicalType;
        return (leaf.Field.DataType, logical) switch
        {
            (FixedSizeBinaryType { ByteWidth: 16 }, UuidLogicalType) => Texts(ArrowChunks.ReadGuids),
            (FixedSizeBinaryType, IntervalLogicalType) => Unreadable(name, "intervals of time"),
            // Hive and Impala do not mark columns as text; other bytes are not valid UTF-8.
            (BinaryType, StringLogicalType or EnumLogicalType or JsonLogicalType or NoneLogicalType) => Texts(ArrowChunks.Read),
            (BinaryType or FixedSizeBinaryType and not (Decimal128Type or Decimal256Type), _) =>
                Unreadable(name, logical is NoneLogicalType ? "bytes" : $"values of Parquet's type {logical.Type}"),
            (_, TimeLogicalType { IsAdjustedToUtc: true }) => Values(ArrowField.Describe(name, field.Field.DataType) with { Times = TimeForm.UtcTimeOfDay }, ArrowChunks.Read),
            _ => Values(ArrowField.Describe(name, field.Field.DataType), ArrowChunks.Read),
        };

        ParquetField Texts(Func<IArrowArray, FieldChunk> read) => Values(ColumnarField.Of(name, typeof(ReadOnlyMemory<char>), isList), read);

        ParquetField Values(ColumnarField described, Func<IArrowArray, FieldChunk> read) => new(described, leaf.ColumnIndex, path, read);
    }

    private static ParquetField Unreadable(string name, string holds) => new(new(name, null, holds), -1, [], ArrowChunks.Read);

    /// <summary>The name of a node's logical type, which the library may not know; null for none.</summary>
    private static string? TypeOf(Node node)
    {
        try
        {
            using var logical = node.LogicalType;
            return logical.Type == LogicalTypeEnum.None ? null : $"{logical.Type}";
        }
        catch (ArgumentOutOfRangeException exception)
        {
            // "unknown logical type Variant"
            return exception.ParamName?.Split(' ')[^1] ?? "unknown";
        }
    }
}
