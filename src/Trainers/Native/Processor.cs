using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Sconce.Trainers.Native;

/// <summary>What the processor can do, as libtorch's kernels see it.</summary>
internal static class Processor
{
    /// <summary>Whether it has AVX-512. oneDNN goes by that; .NET's own vectors of 512 bits stay unused on processors that they would slow down.</summary>
    public static bool HasAvx512 => Avx512F.IsSupported;

    /// <summary>What of it decides in which order sums are made.</summary>
    public static string Description => $"{RuntimeInformation.ProcessArchitecture}, vectors of {Vector<byte>.Count * 8} bits{(HasAvx512 ? ", AVX-512" : "")}";
}
