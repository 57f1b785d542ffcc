using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using static TorchSharp.torch;

namespace Sconce.Trainers.Columns;

/// <summary>A Boolean, or a vector of them, as numbers: 1 for true and 0 for false.</summary>
/// <param name="Name">The column.</param>
/// <param name="Shape">The shape of a row's values; empty for a single one.</param>
internal sealed record BooleanColumn(string Name, IReadOnlyList<int> Shape) : ColumnBinding(Name, new Field(ScalarType.Float32, Shape))
{
    private const string Remedy = "ml.Transforms.Conversion.ConvertType with DataKind.Boolean converts numbers to Boolean; ml.Transforms.Concatenate combines several columns to a vector";

    /// <summary>Checks the column, and returns the shape of a row's values.</summary>
    public static IReadOnlyList<int> FindShape(DataViewSchema schema, string name) => schema.Require("Label", name).Type switch
    {
        BooleanDataViewType => [],
        VectorDataViewType { IsKnownSize: true, ItemType: BooleanDataViewType } vector => [.. vector.Dimensions],
        var type => throw Refuse(name, $"{type}"),
    };

    /// <summary>As <see cref="FindShape(DataViewSchema, string)"/>, for an estimator that knows only the shape of a schema.</summary>
    public static SchemaShape.Column FindShape(SchemaShape schema, string name)
    {
        var column = schema.Require("Label", name);
        return !column.IsKey && column.ItemType is BooleanDataViewType && column.Kind != SchemaShape.Column.VectorKind.VariableVector
            ? column
            : throw Refuse(name, column.Kind == SchemaShape.Column.VectorKind.Scalar ? $"{(column.IsKey ? "Key" : column.ItemType)}" : $"Vector<{column.ItemType}>");
    }

    public override FieldReader CreateReader(DataViewRow row)
    {
        var column = row.Schema[Name];
        if (Shape.Count == 0)
        {
            var read = row.Reader<bool>(column);
            return destination => MemoryMarshal.Write(destination, read() ? 1f : 0f);
        }

        var readAll = row.Reader<VBuffer<bool>>(column);
        return destination =>
        {
            var labels = readAll();
            if (labels.Length != Field.Length)
                throw new InvalidDataException($"Label column '{Name}' has {labels.Length} values in row {row.Position}; {Field.Length} are expected.").About(row: row.Position + 1, column: Name);
            destination.Clear();
            var values = MemoryMarshal.Cast<byte, float>(destination);
            foreach (var (index, isTrue) in labels.Items())
                values[index] = isTrue ? 1 : 0;
        };
    }

    private static ArgumentException Refuse(string name, string type) =>
        new ArgumentException($"Label column '{name}' has the type {type}; a Boolean, or a vector of Booleans of known size, is expected. {Remedy}.").About(column: name);
}
