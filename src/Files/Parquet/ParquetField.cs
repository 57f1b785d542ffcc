using ParquetSharp;
using ParquetSharp.Schema;
using Sconce.Files.Columnar;

namespace Sconce.Files.Parquet;

/// <summary>A column of a Parquet file, or a field of a group in it, which is called <c>a.b</c>; and how its values are made of those that are stored.</summary>
/// <param name="Field">What it is called, and what it holds.</param>
/// <param name="Leaf">Its place among the file's columns of values; -1 for what cannot be read.</param>
/// <param name="Open">Reads it in a row group.</param>
internal sealed record ParquetField(ColumnarField Field, int Leaf, Func<ColumnReader, ParquetColumn>? Open)
{
    private const int MostDepth = 64;

    /// <summary>Whether its values are texts, or lists of such.</summary>
    public bool HoldsText => Field.StoredType == typeof(ReadOnlyMemory<char>) || Field.StoredType == typeof(DecimalText);

    /// <summary>The columns of a file: values, lists of values, and others, which are known by name alone.</summary>
    public static IEnumerable<ParquetField> Of(SchemaDescriptor schema)
    {
        using var root = schema.GroupNode;
        var leaf = 0;
        return [.. Of(root, "", depth: 0, ref leaf)];
    }

    private static List<ParquetField> Of(GroupNode group, string prefix, int depth, ref int leaf)
    {
        List<ParquetField> found = [];
        foreach (var node in group.Fields)
        {
            using (node)
            {
                var name = prefix + node.Name;
                if (depth < MostDepth && node is GroupNode inner && !IsRepeated(node) && TypeOf(node, out _) == LogicalTypeEnum.None)
                {
                    found.AddRange(Of(inner, $"{name}.", depth + 1, ref leaf));
                    continue;
                }

                found.Add(Of(name, node, leaf));
                leaf += CountLeaves(node);
            }
        }

        return found;
    }

    private static ParquetField Of(string name, Node node, int leaf)
    {
        var type = TypeOf(node, out var typeName);
        if (node is PrimitiveNode value)
            return ParquetValueField.Of(name, value, typeName, leaf, IsRepeated(node));
        if (type != LogicalTypeEnum.List || ((GroupNode)node).Fields is not [var repeated])
            return Unreadable(name, typeName is null ? "lists of columns" : $"values of Parquet's type {typeName}");
        using (repeated)
        {
            // A list is a group that repeats, of one value; old writers have the value itself repeat.
            var item = repeated is GroupNode { Fields: [var element] } ? element : repeated;
            using (item)
            {
                TypeOf(item, out var itemType);
                return item is PrimitiveNode one && IsRepeated(repeated) && !IsRepeated(node) && (item == repeated || !IsRepeated(item))
                    ? ParquetValueField.Of(name, one, itemType, leaf, isList: true)
                    : Unreadable(name, "lists of columns");
            }
        }
    }

    /// <summary>A column that is known by name alone.</summary>
    public static ParquetField Unreadable(string name, string holds) => new(new ColumnarField(name, null, holds), -1, null);

    /// <summary>The logical type of a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="name">The type's name; null for none.</param>
    /// <returns><see cref="LogicalTypeEnum.Undefined"/> for one that the library does not know, which is no fault of the file.</returns>
    private static LogicalTypeEnum TypeOf(Node node, out string? name)
    {
        try
        {
            using var logical = node.LogicalType;
            name = logical.Type == LogicalTypeEnum.None ? null : $"{logical.Type}";
            return logical.Type;
        }
        catch (ArgumentOutOfRangeException exception)
        {
            // "unknown logical type Variant"
            name = exception.ParamName?.Split(' ')[^1] ?? "unknown";
            return LogicalTypeEnum.Undefined;
        }
    }

    private static bool IsRepeated(Node node) => node.Repetition == Repetition.Repeated;

    private static int CountLeaves(Node node)
    {
        if (node is not GroupNode group)
            return 1;
        var count = 0;
        foreach (var field in group.Fields)
        {
            using (field)
                count += CountLeaves(field);
        }

        return count;
    }
}
