using System.Runtime.Intrinsics.X86;

namespace Sconce.Trainers;

/// <summary>The precision in which a network is trained.</summary>
public enum Precision
{
    /// <summary>32 bits throughout.</summary>
    Single,

    /// <summary>
    /// Mixed precision: layers compute in bfloat16 (16 bits, with the range of 32); weights, the gradients that the optimizer uses, loss and
    /// statistics have 32 bits, and so has the saved model. Needs a processor with AVX-512 BF16 or AMX, and a convolutional, dense or
    /// recurrent network that reads numbers and is not stateful.
    /// </summary>
    /// <remarks>Micikevicius et al., "Mixed precision training", ICLR 2018; with the range of bfloat16, the loss does not have to be scaled (Kalamkar et al., "A study of bfloat16 for deep learning training", 2019).</remarks>
    BFloat16,
}

/// <summary>Whether <see cref="Precision.BFloat16"/> can be used.</summary>
internal static class BFloat16Support
{
    private const int Leaf = 7;
    private const int Avx512BFloat16 = 1 << 5;
    private const int AmxBFloat16 = 1 << 22;

    /// <summary>Whether the processor multiplies bfloat16 numbers. Otherwise libtorch emulates it, which is slow.</summary>
    public static bool IsAccelerated { get; } = X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= Leaf
        && ((X86Base.CpuId(Leaf, 1).Eax & Avx512BFloat16) != 0 || (X86Base.CpuId(Leaf, 0).Edx & AmxBFloat16) != 0);

    /// <exception cref="ArgumentException">The network or the processor does not support it.</exception>
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
