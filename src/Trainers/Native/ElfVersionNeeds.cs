using System.Buffers.Binary;
using System.Text;

namespace Sconce.Trainers.Native;

/// <summary>
/// Reads and edits the <c>.gnu.version_r</c> section of a 64-bit little-endian ELF library: the versions of other
/// libraries' symbols without which the dynamic loader refuses to load it.
/// </summary>
/// <remarks>Layout: System V ABI, "Symbol Versioning" (Verneed and Vernaux entries).</remarks>
internal static class ElfVersionNeeds
{
    private const uint SectionTypeVersionNeed = 0x6FFFFFFE;
    private const ushort FlagWeak = 2;

    /// <summary>Marks the need for <paramref name="version"/> as weak: the loader then no longer refuses a system without it.</summary>
    /// <returns>Whether anything changed: false if the version is not needed, or is already weak.</returns>
    /// <exception cref="InvalidDataException">The bytes are not a 64-bit little-endian ELF file.</exception>
    public static bool Weaken(Span<byte> elf, string version)
    {
        ReadOnlySpan<byte> identification = [0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1];
        if (!elf.StartsWith(identification))
            throw new InvalidDataException("Expected a 64-bit little-endian ELF library.");

        try
        {
            return WeakenChecked(elf, Encoding.ASCII.GetBytes(version + '\0'));
        }
        catch (Exception exception) when (exception is ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            throw new InvalidDataException("The ELF library is cut short: its tables point beyond its end.", exception);
        }
    }

    private static bool WeakenChecked(Span<byte> elf, ReadOnlySpan<byte> wanted)
    {
        var changed = false;
        var headers = (int)UInt64(elf, 0x28);
        int headerSize = UInt16(elf, 0x3A), headerCount = UInt16(elf, 0x3C);
        for (var i = 0; i < headerCount; i++)
        {
            var header = headers + i * headerSize;
            if (UInt32(elf, header + 4) != SectionTypeVersionNeed)
                continue;

            var linkedStrings = headers + (int)UInt32(elf, header + 40) * headerSize;
            var strings = (int)UInt64(elf, linkedStrings + 24);
            var need = (int)UInt64(elf, header + 24);
            for (var needs = UInt32(elf, header + 44); needs > 0; needs--)
            {
                var auxiliary = need + (int)UInt32(elf, need + 8);
                for (int left = UInt16(elf, need + 2); left > 0; left--)
                {
                    var name = strings + (int)UInt32(elf, auxiliary + 8);
                    if (elf[name..].StartsWith(wanted) && (UInt16(elf, auxiliary + 4) & FlagWeak) == 0)
                    {
                        elf[auxiliary + 4] |= (byte)FlagWeak;
                        changed = true;
                    }

                    auxiliary += (int)UInt32(elf, auxiliary + 12);
                }

                need += (int)UInt32(elf, need + 12);
            }
        }

        return changed;
    }

    private static ushort UInt16(ReadOnlySpan<byte> elf, int at) => BinaryPrimitives.ReadUInt16LittleEndian(elf[at..]);

    private static uint UInt32(ReadOnlySpan<byte> elf, int at) => BinaryPrimitives.ReadUInt32LittleEndian(elf[at..]);

    private static ulong UInt64(ReadOnlySpan<byte> elf, int at) => BinaryPrimitives.ReadUInt64LittleEndian(elf[at..]);
}
