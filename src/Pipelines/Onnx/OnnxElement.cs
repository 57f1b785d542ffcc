using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Sconce.Trainers.Scoring;

namespace Sconce.Pipelines.Onnx;

/// <summary>A type of ONNX's tensors that a column can hold.</summary>
/// <param name="Type">The column's item type.</param>
/// <param name="Copy">Copies the values of a run's output for the first rows of a batch (third argument: the column, fourth: the rows).</param>
internal sealed record OnnxElement(PrimitiveDataViewType Type, Action<OrtValue, ScoreBatch, int, int> Copy)
{
    private static readonly Dictionary<TensorElementType, OnnxElement> _known = new()
    {
        [TensorElementType.Float] = Of<float>(NumberDataViewType.Single),
        [TensorElementType.Double] = Of<double>(NumberDataViewType.Double),
        [TensorElementType.UInt8] = Of<byte>(NumberDataViewType.Byte),
        [TensorElementType.Int8] = Of<sbyte>(NumberDataViewType.SByte),
        [TensorElementType.UInt16] = Of<ushort>(NumberDataViewType.UInt16),
        [TensorElementType.Int16] = Of<short>(NumberDataViewType.Int16),
        [TensorElementType.UInt32] = Of<uint>(NumberDataViewType.UInt32),
        [TensorElementType.Int32] = Of<int>(NumberDataViewType.Int32),
        [TensorElementType.UInt64] = Of<ulong>(NumberDataViewType.UInt64),
        [TensorElementType.Int64] = Of<long>(NumberDataViewType.Int64),
        [TensorElementType.Bool] = Of<bool>(BooleanDataViewType.Instance),
        [TensorElementType.String] = new(TextDataViewType.Instance, (value, scores, column, count) =>
        {
            var room = scores.Room<ReadOnlyMemory<char>>(column, count);
            for (var i = 0; i < room.Length; i++)
                room[i] = value.GetStringElementAsMemory(i);
        }),
    };

    /// <summary>Finds it; null for types that no column can hold, such as half-precision and complex numbers.</summary>
    public static OnnxElement? Find(TensorElementType type) => _known.GetValueOrDefault(type);

    private static OnnxElement Of<T>(PrimitiveDataViewType type)
        where T : unmanaged => new(type, (value, scores, column, count) => value.GetTensorDataAsSpan<T>().CopyTo(scores.Room<T>(column, count)));
}
