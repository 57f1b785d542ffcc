using System.Numerics;
using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Sconce.Files.Arrow;

/// <summary>
/// Checks that the uncompressed buffers of an array have the length that its metadata claims: the library would read beyond them, or read zeros.
/// </summary>
internal static class ArrowBuffers
{
    private const int BitsPerByte = 8;

    /// <exception cref="InvalidDataException">A buffer is shorter.</exception>
    public static void Check(ArrayData data)
    {
        if (data.DataType is not (NullType or UnionType or RunEndEncodedType))
            CheckMissing(data);
        switch (data.DataType)
        {
            case FixedWidthType type:
                CheckLength(data, 1, type.BitWidth);
                break;
            case StringType or BinaryType:
                CheckOffsets<int>(data, data.Buffers[2].Length);
                break;
            case LargeStringType or LargeBinaryType:
                CheckOffsets<long>(data, data.Buffers[2].Length);
                break;
            case StringViewType or BinaryViewType:
                CheckLength(data, 1, 128);
                break;
            case ListType or MapType:
                CheckOffsets<int>(data, data.Children[0].Length);
                break;
            case LargeListType:
                CheckOffsets<long>(data, data.Children[0].Length);
                break;
            case ListViewType:
                CheckLength(data, 1, 32);
                CheckLength(data, 2, 32);
                break;
            case LargeListViewType:
                CheckLength(data, 1, 64);
                CheckLength(data, 2, 64);
                break;
            case FixedSizeListType list:
                CheckCount(data.Children[0].Length, (long)data.Length * list.ListSize);
                break;
            case StructType:
                foreach (var child in data.Children)
                    CheckCount(child.Length, data.Length);
                break;
        }

        foreach (var child in data.Children ?? [])
            Check(child);
        if (data.Dictionary is not null)
            Check(data.Dictionary);
    }

    private static void CheckMissing(ArrayData data)
    {
        var bitmap = data.Buffers[0].Span;
        if (bitmap.IsEmpty && data.NullCount == 0)
            return;
        CheckCount((long)bitmap.Length * BitsPerByte, data.Length);
        var (whole, rest) = Math.DivRem(data.Length, BitsPerByte);
        var present = rest == 0 ? 0 : BitOperations.PopCount((uint)bitmap[whole] & ((1u << rest) - 1));
        foreach (var bits in bitmap[..whole])
            present += BitOperations.PopCount(bits);
        if (data.Length - present != data.NullCount)
            throw new InvalidDataException($"a column claims {data.NullCount} missing values but has {data.Length - present}");
    }

    private static void CheckLength(ArrayData data, int buffer, int bits) =>
        CheckCount((long)data.Buffers[buffer].Length * BitsPerByte, (long)data.Length * bits);

    private static void CheckOffsets<T>(ArrayData data, long end)
        where T : unmanaged, IBinaryInteger<T>
    {
        if (data.Length == 0)
            return;
        var offsets = MemoryMarshal.Cast<byte, T>(data.Buffers[1].Span);
        CheckCount(offsets.Length, data.Length + 1L);
        var last = T.Zero;
        foreach (var offset in offsets[..(data.Length + 1)])
            last = offset >= last ? offset : throw new InvalidDataException("the offsets of texts or lists are not in order");
        CheckCount(end, long.CreateSaturating(last));
    }

    private static void CheckCount(long there, long needed)
    {
        if (there < needed)
            throw new InvalidDataException($"a column needs {needed} values or bits and has {there}");
    }
}
