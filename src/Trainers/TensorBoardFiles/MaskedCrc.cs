using System.Buffers.Binary;
using System.Numerics;

namespace Sconce.Trainers.TensorBoardFiles;

/// <summary>The checksum of records in event files: CRC-32C, masked as in TFRecord files.</summary>
internal static class MaskedCrc
{
    private const uint Mask = 0xA282EAD8;

    public static uint Of(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        for (; data.Length >= sizeof(ulong); data = data[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
        foreach (var value in data)
            crc = BitOperations.Crc32C(crc, value);
        return unchecked(BitOperations.RotateRight(~crc, 15) + Mask);
    }
}
