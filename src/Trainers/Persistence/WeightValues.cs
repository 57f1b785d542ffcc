using System.Globalization;
using System.Runtime.InteropServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Trainers.Persistence;

/// <summary>Refuses values that no training leaves: it ends as diverged before that, and what is scored with them is nothing.</summary>
/// <remarks>What is learned are the parameters and the statistics of normalizations. A module's other buffers are its own: the mask of an attention is infinite.</remarks>
internal static class WeightValues
{
    /// <summary>What PyTorch's names of what normalizations have seen begin with.</summary>
    private const string Statistics = "running_";

    /// <summary>PyTorch's name of the variance that batch normalization has seen, whose square root it takes.</summary>
    private const string Variance = "running_var";

    /// <param name="name">The tensor's name.</param>
    /// <param name="tensor">The tensor. One that is not learned, or is of a type that has no such values, may hold anything.</param>
    /// <param name="refuse">Makes an exception of what was found.</param>
    /// <exception cref="InvalidDataException">A value is NaN, infinite, or a negative variance.</exception>
    public static void Check(string name, Tensor tensor, Func<string, InvalidDataException> refuse)
    {
        if (!tensor.is_floating_point() || !IsLearned(name, tensor))
            return;
        using var scope = NewDisposeScope();
        var single = tensor.dtype == ScalarType.Float32 ? tensor : tensor.to(ScalarType.Float32);
        var values = MemoryMarshal.Cast<byte, float>(single.bytes);
        var least = IsVariance(name) ? 0 : float.MinValue;
        for (var i = 0; i < values.Length; i++)
        {
            // Of NaN neither is true.
            if (!(values[i] >= least && values[i] <= float.MaxValue))
                throw refuse($"value {i} of its tensor '{name}' is {values[i].ToString(CultureInfo.InvariantCulture)}; {(IsVariance(name) ? "a variance, finite and 0 or more, is" : "finite numbers are")} expected");
        }
    }

    /// <summary>Whether a tensor of a module's is a parameter, or a statistic of a normalization.</summary>
    public static bool IsLearned(string name, Tensor tensor) => tensor is Parameter || LastPart(name).StartsWith(Statistics, StringComparison.Ordinal);

    private static bool IsVariance(string name) => LastPart(name) is Variance;

    private static ReadOnlySpan<char> LastPart(string name) => name.AsSpan()[(name.LastIndexOf('.') + 1)..];
}
