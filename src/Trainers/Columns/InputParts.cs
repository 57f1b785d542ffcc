using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Trainers.Onnx;
using static TorchSharp.torch;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Sconce.Trainers.Columns;

/// <summary>
/// Several feature columns as one: a row is the numbers of all columns side by side, with a category as its number from 1, or 0 if it is missing. A network
/// that does not read categories gets them one-hot.
/// </summary>
internal static class InputParts
{
    private const string Remedy = "ml.Transforms.Conversion.ConvertType converts other numbers to Single, and MapValueToKey text to keys";

    /// <summary>Finds the columns in the training data.</summary>
    public static InputColumn FromSchema(DataViewSchema schema, IReadOnlyList<string> names, Network network)
    {
        List<InputPart> parts = [.. names.Select(name => PartOf(schema.Require("Feature", name)))];
        var size = parts.Sum(part => (long)(network.ReadsParts ? part.Size : part.ExpandedSize));
        Check.AtMost(size, int.MaxValue, "The number of values of all feature columns");
        return new InputColumn(string.Join(", ", names), FeatureType.Single, [(int)size]) { Parts = parts };
    }

    /// <summary>As <see cref="FromSchema"/>, for an estimator that knows only the shape of a schema.</summary>
    public static void CheckShape(SchemaShape schema, IReadOnlyList<string> names)
    {
        foreach (var name in names)
        {
            var column = schema.Require("Feature", name);
            var isRead = column.IsKey ? column.ItemType == NumberDataViewType.UInt32 : column.ItemType == NumberDataViewType.Single || column.ItemType is BooleanDataViewType;
            if (!isRead || column.Kind == SchemaShape.Column.VectorKind.VariableVector)
                throw Refuse(name, $"{(column.Kind == SchemaShape.Column.VectorKind.Scalar ? "" : "Vector of ")}{(column.IsKey ? "keys of " : "")}{column.ItemType}");
        }
    }

    /// <summary>Binds the columns of the data to score.</summary>
    /// <exception cref="ArgumentException">One is missing, or does not fit.</exception>
    public static ColumnBinding Bind(InputColumn input, DataViewSchema schema)
    {
        foreach (var part in input.Parts!)
        {
            var found = PartOf(schema.Require("Feature", part.Name));
            if (found.Size != part.Size || (found.Categories is null) != (part.Categories is null))
                throw new ArgumentException($"Feature column '{part.Name}' has the type {schema[part.Name].Type}; the network was trained on {part.ColumnType}.").About(column: part.Name);
            if (part.Categories is not null && found.Categories!.DifferenceFrom(part.Categories) is { } difference)
            {
                throw new ArgumentException(
                    $"Feature column '{part.Name}' has other keys than the network was trained on, or the same keys in another order: {difference}. Use the same fitted steps for both.")
                    .About(column: part.Name);
            }
        }

        return new PartsColumn(input.Name, input.Parts);
    }

    /// <summary>Expands each category to as many values, 0 or 1, as there are categories; a missing one to zeros.</summary>
    public static Tensor Expand(IReadOnlyList<InputPart> parts, Tensor raw)
    {
        var expanded = new List<Tensor>();
        var first = 0L;
        foreach (var part in parts)
        {
            var values = raw.narrow(1, first, part.Size);
            first += part.Size;
            if (part.Categories is { Count: var count })
            {
                using var table = OneHot(count);
                values = table.index_select(0, values.to(ScalarType.Int64).flatten()).reshape(raw.shape[0], -1);
            }

            expanded.Add(values);
        }

        return cat(expanded, 1);
    }

    /// <summary>Adds <see cref="Expand"/> to a graph.</summary>
    public static OnnxValue Export(OnnxGraph graph, IReadOnlyList<InputPart> parts, OnnxValue raw)
    {
        var expanded = new List<OnnxValue>();
        var first = 0L;
        foreach (var part in parts)
        {
            var values = graph.Narrow(raw, 1, first, part.Size);
            first += part.Size;
            if (part.Categories is { Count: var count })
            {
                using var table = OneHot(count);
                values = graph.Reshape(graph.Add("Gather", [graph.Weight(table, "one_hot"), graph.Cast(values, DataType.Int64)], ("axis", 0)), [0, part.ExpandedSize]);
            }

            expanded.Add(values);
        }

        return graph.Concat(1, expanded);
    }

    private static Tensor OneHot(int count) => cat([zeros([1, count], ScalarType.Float32), eye(count, count, ScalarType.Float32)], 0);

    private static InputPart PartOf(DataViewSchema.Column column)
    {
        var (item, size) = column.Type is VectorDataViewType vector ? (vector.ItemType, vector.Size) : (column.Type, 1);
        if (size == 0)
            throw Refuse(column.Name, $"{column.Type}, a vector of unknown size");
        if (item is KeyDataViewType key && key.RawType == typeof(uint))
            return new(column.Name, size) { Categories = ClassNames.FromColumn(column, key) };
        return item == NumberDataViewType.Single || item is BooleanDataViewType ? new(column.Name, size) : throw Refuse(column.Name, $"{column.Type}");
    }

    private static ArgumentException Refuse(string name, string type) =>
        new ArgumentException($"Feature column '{name}' has the type {type}; a Single, a Boolean, a key of UInt32, or a vector of known size of one of these is expected. {Remedy}.").About(column: name);
}
