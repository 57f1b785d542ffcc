using FsCheck;
using FsCheck.Fluent;

namespace Sconce.Tests;

/// <summary>An IDX file's parts, drawn at random.</summary>
public sealed record IdxParts(int[] Dimensions, byte[] Values)
{
    /// <summary>Rank 1 to 5, 0 to 20 items, up to 6 values a side; half of the files compress well, half not at all.</summary>
    public static Arbitrary<IdxParts> Any { get; } =
        (from shape in Gen.Choose(0, 4).SelectMany(rank => Gen.ArrayOf(Gen.Choose(1, 6), rank))
         from count in Gen.Choose(0, 20)
         from largest in Gen.Elements(3, 256)
         from seed in Gen.Choose(0, int.MaxValue - 1)
         select Draw([count, .. shape], largest, seed)).ToArbitrary();

    public override string ToString() => $"{string.Join(" x ", Dimensions)}: {Convert.ToHexString(Values)}";

    private static IdxParts Draw(int[] dimensions, int largest, int seed)
    {
        var random = new Random(seed);
        var length = dimensions.Aggregate(1, (product, size) => product * size);
        return new IdxParts(dimensions, [.. Enumerable.Range(0, length).Select(_ => (byte)random.Next(largest))]);
    }
}
