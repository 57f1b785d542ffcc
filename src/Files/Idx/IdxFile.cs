using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Sconce.Files.Idx;

namespace Sconce.Files;

/// <summary>
/// The content of an IDX file, the format of MNIST: a number of items, each an array of bytes or of floats of the same
/// shape. Immutable, so any number of threads may read it.
/// </summary>
/// <remarks>
/// A file is, in order: two zero bytes, the element type (0x08, unsigned byte, or 0x0D, 32-bit float), the rank (1 to 255), a big-endian
/// 32-bit size for each dimension, then the values in row-major order, floats big-endian, and nothing after them.
/// </remarks>
/// <example>
/// <code>
/// var digits = IdxFile.Load("t10k-images-idx3-ubyte.gz");       // 10000 x 28 x 28
/// ReadOnlySpan&lt;byte&gt; first = digits.GetItem(0);                // 784 pixels
/// new IdxFile([1, 28, 28], first.ToArray()).Save("one-digit-idx3-ubyte");
/// </code>
/// </example>
public sealed class IdxFile
{
    /// <summary>Holds values that are already in memory. They are not copied and must not change afterwards.</summary>
    /// <param name="dimensions">1 to 255 sizes: the number of items (0 or more), then the shape of one item (each 1 or more).</param>
    /// <param name="data">The values in row-major order, exactly as many as the product of the dimensions.</param>
    /// <exception cref="ArgumentException">The dimensions are out of range, or their product is not the number of values.</exception>
    public IdxFile(ImmutableArray<int> dimensions, ReadOnlyMemory<byte> data)
        : this(IdxElementType.Byte, dimensions, data)
    {
    }

    /// <param name="type">The type of the values.</param>
    /// <param name="dimensions">Their shape.</param>
    /// <param name="data">Their bytes, in this machine's order.</param>
    internal IdxFile(IdxElementType type, ImmutableArray<int> dimensions, ReadOnlyMemory<byte> data)
    {
        if (dimensions.IsDefault || dimensions.Length is 0 or > IdxHeader.MaxRank)
            throw new ArgumentException("An IDX file has 1 to 255 dimensions.", nameof(dimensions));
        if (dimensions[0] < 0 || dimensions.Skip(1).Any(size => size < 1))
            throw new ArgumentException($"Sizes must be 0 or more for the first dimension, 1 or more for the others: {string.Join(" x ", dimensions)}.", nameof(dimensions));
        var header = new IdxHeader(type, [.. dimensions.Select(size => (uint)size)]);
        if (header.ValueBytes != data.Length || header.ItemLength > Array.MaxLength)
            throw new ArgumentException($"Dimensions {header.Shape} do not describe {data.Length / type.Size()} values.", nameof(data));

        ElementType = type;
        Dimensions = dimensions;
        Data = data;
        ItemLength = (int)header.ItemLength;
    }

    /// <summary>Holds floats, which are copied.</summary>
    /// <param name="dimensions">1 to 255 sizes: the number of items (0 or more), then the shape of one item (each 1 or more).</param>
    /// <param name="data">The values in row-major order, exactly as many as the product of the dimensions.</param>
    /// <exception cref="ArgumentException">The dimensions are out of range, or their product is not the number of values.</exception>
    public static IdxFile OfFloats(ImmutableArray<int> dimensions, ReadOnlySpan<float> data) =>
        new(IdxElementType.Single, dimensions, MemoryMarshal.AsBytes(data).ToArray());

    /// <summary>The type of the values.</summary>
    public IdxElementType ElementType { get; }

    /// <summary>The sizes, the number of items first: 60000, 28, 28 for MNIST's training images, 60000 for its labels.</summary>
    public ImmutableArray<int> Dimensions { get; }

    /// <summary>All values in row-major order, one item after the other: bytes, 0 to 255; or the bytes of floats, in this machine's order.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>The number of items: the first dimension.</summary>
    public int Count => Dimensions[0];

    /// <summary>The number of values in one item: the product of the dimensions after the first, 1 if there are none.</summary>
    public int ItemLength { get; }

    /// <summary>The values of one item of bytes, in row-major order, without a copy; of an item of floats its bytes.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item.</exception>
    public ReadOnlySpan<byte> GetItem(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        var size = ItemLength * ElementType.Size();
        return Data.Span.Slice(index * size, size);
    }

    /// <summary>The values of one item of floats, in row-major order, without a copy.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="InvalidOperationException">The file holds bytes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item.</exception>
    public ReadOnlySpan<float> GetFloats(int index) => ElementType == IdxElementType.Single
        ? MemoryMarshal.Cast<byte, float>(GetItem(index))
        : throw new InvalidOperationException("The file has bytes, not floats. Use GetItem.");

    /// <summary>Reads a file, raw or gzip, as determined by its first two bytes, not its name.</summary>
    /// <param name="path">The file. A gzip file must be one member, as gzip writes it.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is damaged, cut short, followed by other bytes, of another element type than these two, or not IDX at
    /// all. The message names the file, the offset in its uncompressed content, what was expected and what was found.
    /// </exception>
    public static IdxFile Load(string path) => IdxSource.FromFile(path).Load();

    /// <summary>
    /// Writes a file atomically: a temporary file beside it is written, flushed to the disk and renamed, so that a
    /// reader sees either the old or the new content, never a part of it.
    /// </summary>
    /// <param name="path">The file, replaced if it exists. A name that ends in <c>.gz</c> is compressed.</param>
    /// <exception cref="IOException">
    /// The file cannot be written; the message names it and the reason. An existing file is unchanged.
    /// </exception>
    public void Save(string path) => IdxWriter.Save(this, path);
}
