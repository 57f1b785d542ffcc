using System.Runtime.Intrinsics.X86;

namespace Sconce.Trainers;

/// <summary>The numbers in which a network is trained.</summary>
public enum Precision
{
    /// <summary>32 bits throughout.</summary>
    Single,

    /// <summary>
    /// Layers compute in 16 bits with the range of 32 (bfloat16); weights, gradients as the optimiser sees them, loss and
    /// statistics have 32, and so has the model. It takes a processor with AVX-512 BF16 or AMX, and a convolutional, dense or recurrent network
    /// that reads numbers and carries no state.
    /// </summary>
    /// <remarks>Micikevicius et al., "Mixed precision training", ICLR 2018; bfloat16 has the range of 32 bits, so that no loss has to be scaled (Kalamkar et al., "A study of bfloat16 for deep learning training", 2019).</remarks>
    BFloat16,
}

/// <summary>Where <see cref="Precision.BFloat16"/> can be used.</summary>
internal static class BFloat16Support
{
    private const int Leaf = 7;
    private const int Avx512BFloat16 = 1 << 5;
    private const int AmxBFloat16 = 1 << 22;

    /// <summary>Whether the processor multiplies such numbers; without that libtorch does so by slow detours.</summary>
    public static bool IsAccelerated { get; } = X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= Leaf
        && ((X86Base.CpuId(Leaf, 1).Eax & Avx512BFloat16) != 0 || (X86Base.CpuId(Leaf, 0).Edx & AmxBFloat16) != 0);

    /// <exception cref="ArgumentException">The network or the processor cannot.</exception>
    public static void CheckFor(Network network)
    {
        if (!network.TrainsInBFloat16)
            throw Refusal($"in which {network.GetType().Name}{(network.Lanes is null ? "" : " with a state that it carries")} cannot be trained");
        if (!IsAccelerated)
            throw Refusal("and this processor has neither AVX-512 BF16 nor AMX");
    }

    public static ArgumentException Refusal(string why) =>
        new($"{nameof(TrainingOptions.Precision)} is {nameof(Precision.BFloat16)}, {why}; it has to be {nameof(Precision.Single)}.", nameof(TrainingOptions.Precision));
}
