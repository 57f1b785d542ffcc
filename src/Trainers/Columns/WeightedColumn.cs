using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using static TorchSharp.torch;

namespace Sconce.Trainers.Columns;

/// <summary>A target followed by the weight of its row: a Single.</summary>
internal sealed record WeightedColumn(ColumnBinding Label, string WeightColumnName)
    : ColumnBinding(Label.Name, new Field(ScalarType.Byte, [Label.Field.Bytes + sizeof(float)]))
{
    public override IEnumerable<string> ColumnNames => Label.ColumnNames.Append(WeightColumnName);

    /// <summary>The target with its weight if the data has a weight column.</summary>
    /// <exception cref="ArgumentException">The weight column has another type.</exception>
    public static ColumnBinding Of(ColumnBinding label, string? weightColumnName, DataViewSchema schema)
    {
        if (weightColumnName is null || schema.GetColumnOrNull(weightColumnName) is null)
            return label;
        Check(schema, weightColumnName);
        return new WeightedColumn(label, weightColumnName);
    }

    /// <summary>Checks that the column is in the data and has a number for each row.</summary>
    /// <exception cref="ArgumentException">The column is missing or has another type.</exception>
    public static void Check(DataViewSchema schema, string? name)
    {
        if (name is null)
            return;
        if (schema.Require("Example weight", name).Type is var type && type != NumberDataViewType.Single)
            throw Refuse(name, $"{type}");
    }

    /// <summary>As <see cref="Check(DataViewSchema, string?)"/>, for an estimator that knows only the shape of a schema.</summary>
    public static void Check(SchemaShape schema, string? name)
    {
        if (name is null)
            return;
        var column = schema.Require("Example weight", name);
        var item = column.IsKey ? $"Key<{column.ItemType}>" : $"{column.ItemType}";
        if (column.IsKey || column.Kind != SchemaShape.Column.VectorKind.Scalar || column.ItemType != NumberDataViewType.Single)
            throw Refuse(name, column.Kind == SchemaShape.Column.VectorKind.Scalar ? item : $"Vector<{item}>");
    }

    /// <summary>The weight that follows a target, as read; 1 if there is none.</summary>
    public static float WeightOf(ReadOnlySpan<byte> target, int labelBytes) => target.Length > labelBytes ? MemoryMarshal.Read<float>(target[labelBytes..]) : 1;

    public override FieldReader CreateReader(DataViewRow row)
    {
        var readLabel = Label.CreateReader(row);
        var readWeight = row.Reader<float>(row.Schema[WeightColumnName]);
        return destination =>
        {
            readLabel(destination[..Label.Field.Bytes]);
            var weight = readWeight();
            if (!float.IsFinite(weight) || weight < 0)
            {
                throw new InvalidDataException(string.Create(
                    CultureInfo.InvariantCulture, $"Example weight column '{WeightColumnName}' has the value {weight} in row {row.Position}; a weight is a finite number, 0 or more. ml.Data.FilterRowsByMissingValues drops rows with NaN.")).About(row: row.Position + 1, column: WeightColumnName);
            }

            MemoryMarshal.Write(destination[Label.Field.Bytes..], weight);
        };
    }

    private static ArgumentException Refuse(string name, string type) => new ArgumentException($"Example weight column '{name}' has the type {type}; a Single is expected. ml.Transforms.Conversion.ConvertType converts other numbers.").About(column: name);
}
