using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Sconce.Trainers.Native;

/// <summary>The processor's instruction sets, as libtorch's kernels see them.</summary>
internal static class Processor
{
    /// <summary>
    /// Whether it has AVX-512, which oneDNN checks; .NET does not use its own 512-bit vectors on processors that they would slow down.
    /// </summary>
    public static bool HasAvx512 => Avx512F.IsSupported;

    /// <summary>The properties that determine the order in which numbers are summed.</summary>
    public static string Description => $"{RuntimeInformation.ProcessArchitecture}, vectors of {Vector<byte>.Count * 8} bits{(HasAvx512 ? ", AVX-512" : "")}";
}
