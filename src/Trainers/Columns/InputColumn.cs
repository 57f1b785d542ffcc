using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;

namespace Sconce.Trainers;

/// <summary>The element types in which a network reads its features.</summary>
public enum FeatureType
{
    /// <summary>Bytes, which the network scales by 1/255 as its first step.</summary>
    Byte,

    /// <summary>Floats, which the network takes as they are.</summary>
    Single,
}

/// <summary>The feature column: its name, element type and shape, as the data that was trained on had them.</summary>
/// <param name="Name">The column's name.</param>
/// <param name="Type">The column's element type.</param>
/// <param name="Shape">The shape of one row, taken from the dimensions of the column's type: [28, 28] for <c>Vector&lt;Byte, 28, 28&gt;</c>.</param>
public sealed record InputColumn(string Name, FeatureType Type, IReadOnlyList<int> Shape)
{
    private const string Mend = "ml.Transforms.Conversion.ConvertType and ml.Transforms.Concatenate make such a column";

    /// <summary>The number of values in a row.</summary>
    internal int Length => Shape.Aggregate(1, (product, size) => product * size);

    /// <summary>Scales what the column holds to what the network reads: floats of the same shape.</summary>
    internal torch.Tensor ToNetwork(torch.Tensor raw)
    {
        if (Type != FeatureType.Byte)
            return raw;
        using Scalar scale = 1d / byte.MaxValue;
        return raw.to(torch.ScalarType.Float32).mul_(scale);
    }

    /// <summary>Gives a network's floats in the column's own type and units: bytes are rounded and kept within 0 to 255.</summary>
    internal torch.Tensor FromNetwork(torch.Tensor values) =>
        Type == FeatureType.Byte ? values.Times(byte.MaxValue).round().Within(0, byte.MaxValue).to(torch.ScalarType.Byte) : values;

    internal DataViewType ColumnType => new VectorDataViewType(ItemType, Shape.ToArray());

    private PrimitiveDataViewType ItemType => Type == FeatureType.Byte ? NumberDataViewType.Byte : NumberDataViewType.Single;

    /// <summary>Takes name, type and shape from the training data.</summary>
    internal static InputColumn FromSchema(DataViewSchema schema, string name)
    {
        var type = Find(schema, name).Type;
        if (type is not VectorDataViewType vector || FeatureTypeOf(vector.ItemType) is not { } featureType)
            throw new ArgumentException($"Feature column '{name}' has the type {type}; a vector of Byte or Single is expected. {Mend}.");
        if (!vector.IsKnownSize)
            throw new ArgumentException($"Feature column '{name}' has the type {type}, a vector of unknown size; a network needs a fixed size that is part of the column's type.");
        return new InputColumn(name, featureType, [.. vector.Dimensions]);
    }

    /// <summary>The estimator's counterpart of <see cref="FromSchema"/>, where only the shape of a schema is known.</summary>
    internal static void CheckShape(SchemaShape schema, string name)
    {
        if (!schema.TryFindColumn(name, out var column))
            throw BoundColumn.Missing("Feature", name, schema.Select(c => c.Name));
        if (column.Kind != SchemaShape.Column.VectorKind.Vector || column.IsKey || FeatureTypeOf(column.ItemType) is null)
        {
            throw new ArgumentException(
                $"Feature column '{name}' is a {column.Kind} of {column.ItemType}; a vector of Byte or Single of known size is expected. {Mend}.");
        }
    }

    /// <summary>Finds the column in data to be scored, which has to hold the same number of values of the same type.</summary>
    internal BoundColumn Bind(DataViewSchema schema)
    {
        var type = Find(schema, Name).Type;
        if (type is not VectorDataViewType vector || FeatureTypeOf(vector.ItemType) != Type)
            throw new ArgumentException($"Feature column '{Name}' has the type {type}; the network was trained on {ColumnType}. {Mend}.");
        if (vector.Size != Length || (vector.Dimensions.Length > 1 && !vector.Dimensions.SequenceEqual(Shape)))
        {
            throw new ArgumentException(
                $"Feature column '{Name}' has {(vector.IsKnownSize ? $"{vector.Size} values a row" : "an unknown number of values a row")} ({type}); " +
                $"the network was trained on {Length} ({ColumnType}).");
        }

        return Type == FeatureType.Byte
            ? new VectorColumn<byte>(Name, new Field(torch.ScalarType.Byte, Shape))
            : new VectorColumn<float>(Name, new Field(torch.ScalarType.Float32, Shape));
    }

    private static DataViewSchema.Column Find(DataViewSchema schema, string name) => schema.GetColumnOrNull(name)
        ?? throw BoundColumn.Missing("Feature", name, schema.Select(c => c.Name));

    private static FeatureType? FeatureTypeOf(DataViewType type) =>
        type == NumberDataViewType.Byte ? FeatureType.Byte : type == NumberDataViewType.Single ? FeatureType.Single : null;
}
