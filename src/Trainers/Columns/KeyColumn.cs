using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using static TorchSharp.torch;

namespace Sconce.Trainers.Columns;

/// <summary>A class label: an ML.NET key, read as the class's index from 0.</summary>
internal sealed record KeyColumn(string Name) : ColumnBinding(Name, new Field(ScalarType.Int64, []))
{
    private const string Remedy = "ml.Transforms.Conversion.MapValueToKey converts it to a key";

    /// <summary>Checks that the column is a key of UInt32, and returns its type, which has the number of classes.</summary>
    public static KeyDataViewType FindType(DataViewSchema schema, string name)
    {
        var column = schema.Require("Label", name);
        return column.Type is KeyDataViewType key && key.RawType == typeof(uint)
            ? key
            : throw new ArgumentException($"Label column '{name}' has the type {column.Type}; a key of UInt32 is expected. {Remedy}.").About(column: name);
    }

    /// <summary>As <see cref="FindType"/>, for an estimator that knows only the shape of a schema.</summary>
    public static SchemaShape.Column FindShape(SchemaShape schema, string name)
    {
        var column = schema.Require("Label", name);
        return column.IsKey && column.Kind == SchemaShape.Column.VectorKind.Scalar && column.ItemType == NumberDataViewType.UInt32
            ? column
            : throw new ArgumentException($"Label column '{name}' has the type {(column.Kind == SchemaShape.Column.VectorKind.Scalar ? column.ItemType : $"Vector<{column.ItemType}>")}; a key of UInt32 is expected. {Remedy}.").About(column: name);
    }

    public override FieldReader CreateReader(DataViewRow row)
    {
        var column = row.Schema[Name];
        var read = row.Reader<uint>(column);
        return destination =>
        {
            var key = read();
            if (key == 0)
            {
                throw new InvalidDataException(
                    $"Label column '{Name}' has a missing value in row {row.Position}; every training row needs a label. " +
                    (IsText(column)
                        ? "ml.Data.FilterByCustomPredicate, before MapValueToKey, drops rows whose text is empty. ml.Data.FilterRowsByMissingValues, after it, drops rows without a key."
                        : "ml.Data.FilterRowsByMissingValues drops such rows.")).About(row: row.Position + 1, column: Name);
            }

            MemoryMarshal.Write(destination, (long)key - 1);
        };
    }

    /// <summary>Whether the keys were mapped from text, for which ML.NET has no missing value to filter.</summary>
    private static bool IsText(DataViewSchema.Column column) => column.Annotations.Schema.GetColumnOrNull("KeyValues")?.Type is VectorDataViewType { ItemType: TextDataViewType };
}
