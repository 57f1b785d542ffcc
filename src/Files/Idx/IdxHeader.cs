using System.Buffers.Binary;
using System.Numerics;
using Sconce.Files.Text;

namespace Sconce.Files.Idx;

/// <summary>
/// The start of an IDX file: two zero bytes, the element type, the rank, then one big-endian 32-bit size for each
/// dimension.
/// </summary>
/// <param name="ElementType">The type of the values.</param>
/// <param name="Dimensions">
/// The sizes that the file states, the number of items first; whether they fit into memory is not checked yet.
/// </param>
internal sealed record IdxHeader(IdxElementType ElementType, uint[] Dimensions)
{
    public const int MaxRank = byte.MaxValue;
    private const int TypeOffset = 2;
    private const int RankOffset = 3;
    public const int DimensionsOffset = 4;

    /// <summary>The number of bytes before the first value.</summary>
    public int Length => DimensionsOffset + sizeof(uint) * Dimensions.Length;

    /// <summary>
    /// The number of values in one item. It has arbitrary precision, because 255 dimensions of 32 bits overflow any other type.
    /// </summary>
    public BigInteger ItemLength => Dimensions.Skip(1).Aggregate(BigInteger.One, (product, size) => product * size);

    /// <summary>The number of values in the file.</summary>
    public BigInteger ValueCount => Dimensions[0] * ItemLength;

    /// <summary>The number of bytes of all values.</summary>
    public BigInteger ValueBytes => ValueCount * ElementType.Size();

    /// <summary>The sizes for display: <c>60000 x 28 x 28</c>.</summary>
    public string Shape => string.Join(" x ", Dimensions.Take(8)) + (Dimensions.Length > 8 ? " x ..." : "");

    /// <summary>Reads a header from the start of <paramref name="content"/>.</summary>
    /// <exception cref="InvalidDataException">The content does not start with the header of an IDX file of bytes or floats.</exception>
    public static IdxHeader Read(Stream content, string file)
    {
        Span<byte> start = stackalloc byte[DimensionsOffset];
        var length = content.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        var zeros = start[..Math.Min(length, TypeOffset)];
        if (zeros.ContainsAnyExcept((byte)0))
            throw InvalidBytes.At(file, 0, "the two zero bytes that start an IDX file", $"0x{Convert.ToHexString(zeros)}",
                "This is not an IDX file; a failed download often leaves a web page under the file's name.");
        if (length < start.Length)
            throw Truncated(file, length, "a header of 4 bytes and the dimensions");

        var type = (IdxElementType)start[TypeOffset];
        if (!Enum.IsDefined(type))
        {
            throw InvalidBytes.At(file, TypeOffset, "element type 0x08 (unsigned byte) or 0x0D (32-bit float)", $"0x{start[TypeOffset]:X2} ({TypeName(start[TypeOffset])})",
                "Convert the values to bytes, 0..255, or to floats, and write them as one of these element types.");
        }

        var rank = start[RankOffset];
        if (rank == 0)
            throw InvalidBytes.At(file, RankOffset, "a rank of 1 to 255", "0",
                "The first dimension is the number of items, so a file has at least one dimension.");
        return new IdxHeader(type, ReadDimensions(content, file, rank));
    }

    private static uint[] ReadDimensions(Stream content, string file, int rank)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint) * rank];
        var length = content.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (length < bytes.Length)
            throw Truncated(file, DimensionsOffset + length, $"a header of {DimensionsOffset + bytes.Length} bytes ({rank} dimensions)");

        var dimensions = new uint[rank];
        for (var i = 0; i < rank; i++)
        {
            var offset = sizeof(uint) * i;
            dimensions[i] = BinaryPrimitives.ReadUInt32BigEndian(bytes[offset..]);
            // An empty data set is valid, but ML.NET has no column type for items without values.
            if (i > 0 && dimensions[i] == 0)
                throw InvalidBytes.At(file, DimensionsOffset + offset, $"a size of at least 1 in dimension {i + 1} of {rank}", "0");
        }

        return dimensions;
    }

    private static InvalidDataException Truncated(string file, int length, string expected) =>
        InvalidBytes.At(file, length, expected, $"the end after {length} bytes", "The file is cut short: fetch or write it again.");

    private static string TypeName(byte type) => type switch
    {
        0x09 => "signed byte",
        0x0B => "16-bit integer",
        0x0C => "32-bit integer",
        0x0E => "64-bit float",
        _ => "not an IDX element type",
    };
}
