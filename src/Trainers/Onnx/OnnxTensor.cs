using System.Runtime.InteropServices;
using Google.Protobuf;
using Onnx;
using static TorchSharp.torch;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Sconce.Trainers.Onnx;

/// <summary>Creates ONNX tensors.</summary>
internal static class OnnxTensor
{
    /// <summary>A copy of a libtorch tensor.</summary>
    /// <exception cref="NotSupportedException">ONNX does not have its element type.</exception>
    public static TensorProto Of(Tensor values)
    {
        using var scope = NewDisposeScope();
        return Of(TypeOf(values.dtype), values.shape, values.detach().cpu().contiguous().bytes);
    }

    /// <summary>Whole numbers, in one dimension.</summary>
    public static TensorProto Of(IReadOnlyList<long> values) => Of(DataType.Int64, [values.Count], MemoryMarshal.AsBytes<long>(values.ToArray()));

    /// <summary>A single whole number, without dimensions.</summary>
    public static TensorProto Of(long value) => Of(DataType.Int64, [], MemoryMarshal.AsBytes<long>([value]));

    /// <summary>A single number, without dimensions.</summary>
    public static TensorProto Of(float value) => Of(DataType.Float, [], MemoryMarshal.AsBytes<float>([value]));

    /// <summary>Numbers of Single or Double.</summary>
    /// <param name="values">The numbers.</param>
    /// <param name="type">Float or Double.</param>
    /// <param name="shape">Their shape; one dimension if it is omitted.</param>
    public static TensorProto Of(double[] values, DataType type, params IReadOnlyList<long> shape) => Of(
        type, shape is [] ? [values.Length] : shape, type == DataType.Double ? MemoryMarshal.AsBytes<double>(values) : MemoryMarshal.AsBytes<float>(Array.ConvertAll(values, value => (float)value)));

    /// <summary>Texts, in one dimension.</summary>
    public static TensorProto Of(IReadOnlyList<string> values) =>
        new() { DataType = (int)DataType.String, Dims = { values.Count }, StringData = { values.Select(ByteString.CopyFromUtf8) } };

    /// <summary>Numbers as their bytes in memory, little-endian.</summary>
    public static TensorProto Of(DataType type, IReadOnlyList<long> shape, ReadOnlySpan<byte> bytes) =>
        new() { DataType = (int)type, RawData = ByteString.CopyFrom(bytes), Dims = { shape } };

    /// <summary>The numbers of a tensor that this class created.</summary>
    public static T[] Read<T>(TensorProto tensor)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(tensor.RawData.Span).ToArray();

    private static DataType TypeOf(ScalarType type) => type switch
    {
        ScalarType.Float32 => DataType.Float,
        ScalarType.Float64 => DataType.Double,
        ScalarType.Int64 => DataType.Int64,
        ScalarType.Int32 => DataType.Int32,
        ScalarType.Byte => DataType.Uint8,
        ScalarType.Bool => DataType.Bool,
        _ => throw new NotSupportedException($"A tensor of {type} cannot be exported to ONNX; Float32, Float64, Int64, Int32, Byte and Bool can."),
    };
}
