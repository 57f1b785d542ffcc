namespace Sconce.Trainers.Training;

/// <summary>
/// Independent seeds for the uses of randomness in a training, so that drawing more numbers for one use does not change the others.
/// </summary>
/// <remarks>SplitMix64's output function (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).</remarks>
internal readonly record struct SeedSequence(int Seed)
{
    public ulong Weights => Derive(1, 0);

    public ulong Network => Derive(2, 0);

    public int Shuffle(int epoch) => (int)(Derive(3, (uint)epoch) >> 33);

    public int Validation => (int)(Derive(4, 0) >> 33);

    private ulong Derive(ulong use, ulong index)
    {
        var z = unchecked((uint)Seed + 0x9E3779B97F4A7C15 * (1 + use + (index << 8)));
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EB);
        return z ^ (z >> 31);
    }
}
