using System.Buffers.Binary;
using Sconce.Core.Errors;
using static TorchSharp.torch;

namespace Sconce.Trainers.Runs;

/// <summary>Gives a generator a state that comes from a file. libtorch ends the process where it takes a state for a wrong one, so that its checks are made here.</summary>
/// <remarks>
/// The layout is libtorch's (ATen/CPUGeneratorImpl.cpp): the seed, how many numbers are left before the Mersenne twister is turned, whether it
/// is seeded, the next one's place, and its 624 words.
/// </remarks>
internal static class GeneratorState
{
    private const int LeftAt = 8;
    private const int SeededAt = 12;
    private const int NextAt = 16;
    private const int Words = 624;

    /// <exception cref="ArgumentException">It is no state of such a generator.</exception>
    public static void Restore(Generator generator, byte[] state)
    {
        using var scope = NewDisposeScope();
        Check.Count(state.Length, generator.get_state().numel(), "The number of bytes of Generator");
        var left = BinaryPrimitives.ReadInt32LittleEndian(state.AsSpan(LeftAt));
        Check.AtLeast(left, 1, "Generator's number of words that are left");
        Check.AtMost(left, Words, "Generator's number of words that are left");
        Check.Count(BinaryPrimitives.ReadInt32LittleEndian(state.AsSpan(SeededAt)), 1, "Generator's mark of being seeded");
        // Freshly seeded it has one left at place 0; after that, what is left and the place are all the words and one.
        var next = BinaryPrimitives.ReadUInt64LittleEndian(state.AsSpan(NextAt));
        Check.AtMost((long)Math.Min(next, Words + 1), Words + 1 - left, "Generator's place of the next word");
        generator.set_state(tensor(state, ScalarType.Byte));
    }
}
