using System.Buffers.Binary;
using Sconce.Core.Errors;
using static TorchSharp.torch;

namespace Sconce.Trainers.Runs;

/// <summary>
/// Restores a generator's state from a file. libtorch aborts the process if a state is invalid, so the state is checked here first.
/// </summary>
/// <remarks>
/// The layout is libtorch's (ATen/CPUGeneratorImpl.cpp): the seed, the number of words left before the Mersenne Twister generates new ones, whether it
/// is seeded, the index of the next word, and its 624 words.
/// </remarks>
internal static class GeneratorState
{
    private const int LeftAt = 8;
    private const int SeededAt = 12;
    private const int NextAt = 16;
    private const int Words = 624;

    /// <exception cref="ArgumentException">The state is invalid.</exception>
    public static void Restore(Generator generator, byte[] state)
    {
        using var scope = NewDisposeScope();
        Check.Count(state.Length, generator.get_state().numel(), "The number of bytes of Generator");
        var left = BinaryPrimitives.ReadInt32LittleEndian(state.AsSpan(LeftAt));
        Check.AtLeast(left, 1, "Generator's number of words that are left");
        Check.AtMost(left, Words, "Generator's number of words that are left");
        Check.Count(BinaryPrimitives.ReadInt32LittleEndian(state.AsSpan(SeededAt)), 1, "Generator's mark of being seeded");
        // A freshly seeded generator has one word left at index 0; after that, the words left and the index add up to all words and one.
        var next = BinaryPrimitives.ReadUInt64LittleEndian(state.AsSpan(NextAt));
        Check.AtMost((long)Math.Min(next, Words + 1), Words + 1 - left, "Generator's place of the next word");
        generator.set_state(tensor(state, ScalarType.Byte));
    }
}
