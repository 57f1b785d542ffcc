using System.Buffers.Binary;
using System.Text;

namespace Sconce.Files.Arrow;

/// <summary>A FlatBuffers table, the format of Arrow's metadata. References outside the buffer throw.</summary>
internal readonly struct FlatTable
{
    private const int OffsetBytes = 4;
    private const int SlotBytes = 2;

    private readonly byte[] _bytes;
    private readonly int _start;

    private FlatTable(byte[] bytes, int start) => (_bytes, _start) = (bytes, start);

    /// <summary>The root table of a buffer.</summary>
    /// <exception cref="InvalidDataException">The table lies outside the buffer; all other members throw the same exception.</exception>
    public static FlatTable Root(byte[] bytes) => new FlatTable(bytes, 0).Follow(0);

    public byte Byte(int field) => Place(field, 1) is > 0 and var place ? _bytes[place] : (byte)0;

    public short Int16(int field) => Place(field, 2) is > 0 and var place ? BinaryPrimitives.ReadInt16LittleEndian(_bytes.AsSpan(place)) : (short)0;

    public long Int64(int field) => Place(field, 8) is > 0 and var place ? BinaryPrimitives.ReadInt64LittleEndian(_bytes.AsSpan(place)) : 0;

    /// <summary>The table that a field refers to; null if there is none.</summary>
    public FlatTable? Table(int field) => Place(field, OffsetBytes) is > 0 and var place ? Follow(place) : null;

    /// <summary>The elements that a field refers to.</summary>
    public FlatVector Vector(int field, int elementBytes)
    {
        if (Place(field, OffsetBytes) is not (> 0 and var place))
            return new FlatVector(_bytes, 0, 0, elementBytes);
        var start = Check(place + (long)ReadUInt32(place), OffsetBytes);
        var count = ReadUInt32(start);
        Check(start + OffsetBytes, count * (long)elementBytes);
        return new FlatVector(_bytes, start + OffsetBytes, (int)count, elementBytes);
    }

    /// <summary>Tables that a field refers to.</summary>
    public IEnumerable<FlatTable> Tables(int field)
    {
        var vector = Vector(field, OffsetBytes);
        for (var i = 0; i < vector.Count; i++)
            yield return Follow(vector.PlaceOf(i));
    }

    /// <summary>The text that a field refers to; empty if there is none.</summary>
    public string Text(int field)
    {
        var bytes = Vector(field, 1);
        return Encoding.UTF8.GetString(_bytes, bytes.PlaceOf(0), bytes.Count);
    }

    private FlatTable Follow(int place)
    {
        Check(place, OffsetBytes);
        var start = Check(place + (long)ReadUInt32(place), OffsetBytes);
        return new FlatTable(_bytes, start);
    }

    /// <summary>The offset of a field's value; 0 for none.</summary>
    private int Place(int field, int bytes)
    {
        var slots = Check(_start - (long)BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(_start)), 2 * SlotBytes);
        var length = BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(slots));
        Check(slots, length);
        var slot = SlotBytes * (2 + field);
        var offset = slot + SlotBytes > length ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(slots + slot));
        return offset == 0 ? 0 : Check(_start + (long)offset, bytes);
    }

    private uint ReadUInt32(int place) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(place));

    private int Check(long place, long bytes) => place >= 0 && place + bytes <= _bytes.Length ? (int)place
        : throw new InvalidDataException("its metadata refers to bytes outside itself");
}

/// <summary>Elements of one size within a FlatBuffer.</summary>
internal readonly struct FlatVector(byte[] bytes, int start, int count, int elementBytes)
{
    public int Count => count;

    /// <summary>The offset of an element.</summary>
    public int PlaceOf(int element) => start + element * elementBytes;

    /// <summary>Eight bytes of an element as a number.</summary>
    public long Int64(int element, int offset = 0) => BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(PlaceOf(element) + offset));

    /// <summary>Four bytes of an element as a number.</summary>
    public int Int32(int element, int offset) => BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(PlaceOf(element) + offset));
}
