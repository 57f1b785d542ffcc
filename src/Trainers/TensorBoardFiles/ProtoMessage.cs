using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Sconce.Trainers.TensorBoardFiles;

/// <summary>A protocol buffer message in the making: its fields, by their numbers, in the wire format.</summary>
/// <remarks>
/// Event files need a dozen small messages of three .proto files, and of the wire format four rules. To write them here
/// takes no code generator in the build and no generated classes in the library. The tests read what is written by a reader of their own.
/// </remarks>
internal sealed class ProtoMessage
{
    private enum WireType
    {
        Varint = 0,
        Fixed64 = 1,
        Bytes = 2,
        Fixed32 = 5,
    }

    private readonly ArrayBufferWriter<byte> _content = new();

    /// <summary>The message's bytes.</summary>
    public ReadOnlyMemory<byte> Content => _content.WrittenMemory;

    /// <summary>An int32, int64, bool or enum.</summary>
    public ProtoMessage Integer(int field, long value)
    {
        Key(field, WireType.Varint);
        Varint(unchecked((ulong)value));
        return this;
    }

    public ProtoMessage Float(int field, float value)
    {
        Key(field, WireType.Fixed32);
        BinaryPrimitives.WriteSingleLittleEndian(Next(sizeof(float)), value);
        return this;
    }

    public ProtoMessage Double(int field, double value)
    {
        Key(field, WireType.Fixed64);
        BinaryPrimitives.WriteDoubleLittleEndian(Next(sizeof(double)), value);
        return this;
    }

    public ProtoMessage Bytes(int field, ReadOnlySpan<byte> value)
    {
        Key(field, WireType.Bytes);
        Varint((ulong)value.Length);
        _content.Write(value);
        return this;
    }

    public ProtoMessage Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public ProtoMessage Message(int field, ProtoMessage value) => Bytes(field, value.Content.Span);

    /// <summary>A repeated double, packed.</summary>
    public ProtoMessage Doubles(int field, double[] values)
    {
        if (BitConverter.IsLittleEndian)
            return Bytes(field, MemoryMarshal.AsBytes<double>(values));
        var packed = new byte[values.Length * sizeof(double)];
        foreach (var (i, value) in values.Index())
            BinaryPrimitives.WriteDoubleLittleEndian(packed.AsSpan(i * sizeof(double)), value);
        return Bytes(field, packed);
    }

    /// <summary>An entry of a map from text to messages.</summary>
    public ProtoMessage Entry(int field, string key, ProtoMessage value) => Message(field, new ProtoMessage().Text(1, key).Message(2, value));

    private void Key(int field, WireType type) => Varint((ulong)((field << 3) | (int)type));

    /// <summary>Seven bits a byte, the lowest first; the eighth says that more follow.</summary>
    private void Varint(ulong value)
    {
        for (; value > 0x7F; value >>= 7)
            Next(1)[0] = (byte)(value | 0x80);
        Next(1)[0] = (byte)value;
    }

    private Span<byte> Next(int bytes)
    {
        var span = _content.GetSpan(bytes)[..bytes];
        _content.Advance(bytes);
        return span;
    }
}
