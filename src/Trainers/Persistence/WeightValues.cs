using System.Globalization;
using System.Runtime.InteropServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Trainers.Persistence;

/// <summary>Checks that weights are finite: a training never saves others, and their scores would be meaningless.</summary>
/// <remarks>
/// Parameters and statistics of normalizations are checked. A module's other buffers may have any values, such as the infinite values of an
/// attention mask.
/// </remarks>
internal static class WeightValues
{
    /// <summary>The prefix of the names of normalization statistics in PyTorch.</summary>
    private const string Statistics = "running_";

    /// <summary>The name of the running variance of batch normalization in PyTorch.</summary>
    private const string Variance = "running_var";

    /// <param name="name">The tensor's name.</param>
    /// <param name="tensor">The tensor. Only learned tensors of floating-point types are checked.</param>
    /// <param name="refuse">Creates the exception from a description.</param>
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
            // NaN fails both comparisons.
            if (!(values[i] >= least && values[i] <= float.MaxValue))
                throw refuse($"value {i} of its tensor '{name}' is {values[i].ToString(CultureInfo.InvariantCulture)}; {(IsVariance(name) ? "a variance, finite and 0 or more, is" : "finite numbers are")} expected");
        }
    }

    /// <summary>Whether a tensor of a module is a parameter or a statistic of a normalization.</summary>
    public static bool IsLearned(string name, Tensor tensor) => tensor is Parameter || LastPart(name).StartsWith(Statistics, StringComparison.Ordinal);

    private static bool IsVariance(string name) => LastPart(name) is Variance;

    private static ReadOnlySpan<char> LastPart(string name) => name.AsSpan()[(name.LastIndexOf('.') + 1)..];
}
