using System.Globalization;
using Microsoft.ML.Data;
using Onnx;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Sconce.Trainers.Onnx;

/// <summary>
/// ML.NET's columns as tensors: a scalar is [rows, 1], a vector [rows, ...dimensions], keys are UInt32 that count from 1,
/// symbols of text are Int64 that count from 1, with 0 beyond a row's end.
/// </summary>
internal static class OnnxColumns
{
    /// <summary>Adds the column that a network reads as an input of the graph.</summary>
    public static OnnxValue Input(OnnxGraph graph, InputColumn column)
    {
        var shape = column.Shape.Select(size => (OnnxSize)size);
        // Two columns of one graph may have sequences of different lengths.
        return graph.Input(column.Name, TypeOf(column), [OnnxSize.Rows, .. column.IsSequence ? shape.Skip(1).Prepend((OnnxSize)$"{column.Name}.steps") : shape]);
    }

    /// <summary>The type of the tensor that a network reads a column from.</summary>
    public static DataType TypeOf(InputColumn column) => column.Type switch
    {
        FeatureType.Byte => DataType.Uint8,
        FeatureType.Key => DataType.Uint32,
        FeatureType.Text => DataType.Int64,
        _ => DataType.Float,
    };

    /// <summary>The type of the tensor that holds an ML.NET column; null if a graph does not support the column's type or size.</summary>
    public static DataType? TypeOf(DataViewType type) => type is VectorDataViewType { IsKnownSize: false } ? null : ItemOf(type) switch
    {
        KeyDataViewType => DataType.Uint32,
        TextDataViewType => DataType.String,
        BooleanDataViewType => DataType.Bool,
        NumberDataViewType number => Type.GetTypeCode(number.RawType) switch
        {
            TypeCode.Single => DataType.Float,
            TypeCode.Double => DataType.Double,
            TypeCode.SByte => DataType.Int8,
            TypeCode.Byte => DataType.Uint8,
            TypeCode.Int16 => DataType.Int16,
            TypeCode.UInt16 => DataType.Uint16,
            TypeCode.Int32 => DataType.Int32,
            TypeCode.UInt32 => DataType.Uint32,
            TypeCode.Int64 => DataType.Int64,
            TypeCode.UInt64 => DataType.Uint64,
            _ => null,
        },
        _ => null,
    };

    /// <summary>The type of a column's values, or of the values of its vectors.</summary>
    public static DataViewType ItemOf(DataViewType type) => type is VectorDataViewType vector ? vector.ItemType : type;

    /// <summary>The number of values in a row.</summary>
    public static int WidthOf(DataViewType type) => type is VectorDataViewType vector ? vector.Size : 1;

    /// <summary>The shape of the tensor that holds an ML.NET column.</summary>
    public static IReadOnlyList<OnnxSize> ShapeOf(DataViewType type) => [OnnxSize.Rows, .. type is VectorDataViewType vector ? vector.Dimensions.Select(size => (OnnxSize)size) : [1]];

    /// <summary>Converts a column that scoring adds to an output of the graph.</summary>
    public static OnnxOutput Describe(ScoreColumn column, OnnxValue value) => column.Type switch
    {
        KeyDataViewType => new(value, DataType.Uint32, [OnnxSize.Rows, 1]),
        TextDataViewType => new(value, DataType.Int64, [OnnxSize.Rows, column.Width]),
        VectorDataViewType { ItemType: KeyDataViewType } => new(value, DataType.Uint32, [OnnxSize.Rows, column.Width]),
        VectorDataViewType vector => new(value, TypeOf(vector)!.Value, [OnnxSize.Rows, .. vector.Dimensions.Select(size => (OnnxSize)size)]),
        var scalar => new(value, TypeOf(scalar)!.Value, [OnnxSize.Rows, 1]),
    };

    /// <summary>The name of the metadata of a forecaster's network: its columns, calendar and scales.</summary>
    public const string ForecastProperty = "forecast";

    /// <summary>
    /// The name of the metadata with the values of a column's keys, slots or symbols, in order, as <see cref="ClassNames"/>.
    /// </summary>
    public static string ValuesProperty(string column) => $"{column}.values";

    /// <summary>Class values of their own type, as one tensor.</summary>
    public static (TensorProto Values, DataType Type) Of(ClassNames classes)
    {
        if (classes.Type == ClassNames.Text)
            return (OnnxTensor.Of(classes.Values), DataType.String);
        if (classes.ItemType is not { } item)
            throw new NotSupportedException($"Class values of the type '{classes.Type}' cannot be exported to ONNX.");
        var values = Array.CreateInstance(item.RawType, classes.Count);
        foreach (var (i, value) in classes.Values.Index())
        {
            var isBit = item is BooleanDataViewType && value is "0" or "1";
            values.SetValue(isBit ? value == "1" : Convert.ChangeType(value, item.RawType, CultureInfo.InvariantCulture), i);
        }

        var bytes = new byte[Buffer.ByteLength(values)];
        Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
        var type = TypeOf(item)!.Value;
        return (OnnxTensor.Of(type, [classes.Count], bytes), type);
    }
}

/// <summary>A value that becomes an output of the graph.</summary>
internal sealed record OnnxOutput(OnnxValue Value, DataType Type, IReadOnlyList<OnnxSize> Shape);
