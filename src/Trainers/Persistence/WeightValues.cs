using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>Refuses values that no training leaves: it ends as diverged before that, and what is scored with them is nothing.</summary>
internal static class WeightValues
{
    /// <summary>PyTorch's name of the variance that batch normalization has seen, whose square root it takes.</summary>
    private const string Variance = "running_var";

    /// <param name="name">The tensor's name.</param>
    /// <param name="tensor">The tensor; of a type that has no such values, anything is accepted.</param>
    /// <param name="refuse">Makes an exception of what was found.</param>
    /// <exception cref="InvalidDataException">A value is NaN, infinite, or a negative variance.</exception>
    public static void Check(string name, Tensor tensor, Func<string, InvalidDataException> refuse)
    {
        if (!tensor.is_floating_point())
            return;
        using var scope = NewDisposeScope();
        var single = tensor.dtype == ScalarType.Float32 ? tensor : tensor.to(ScalarType.Float32);
        var values = MemoryMarshal.Cast<byte, float>(single.bytes);
        var least = IsVariance(name) ? 0 : float.MinValue;
        for (var i = 0; i < values.Length; i++)
        {
            // Of NaN neither is true.
            if (!(values[i] >= least && values[i] <= float.MaxValue))
                throw refuse($"value {i} of its tensor '{name}' is {values[i]}; {(IsVariance(name) ? "a variance, finite and 0 or more, is" : "finite numbers are")} expected");
        }
    }

    private static bool IsVariance(string name) => name == Variance || name.EndsWith($".{Variance}", StringComparison.Ordinal);
}
