using TorchSharp;
using static TorchSharp.torch;

namespace Sconce.Trainers.Native;

/// <summary>Arithmetic with numbers whose native scalar is held until the call returns: TorchSharp's own operators let the garbage collector free it while it is read.</summary>
internal static class ScalarArithmetic
{
    public static Tensor Times(this Tensor values, double factor)
    {
        using Scalar scalar = factor;
        return values.mul(scalar);
    }

    public static Tensor Plus(this Tensor values, double term)
    {
        using Scalar scalar = term;
        return values.add(scalar);
    }

    /// <summary>The element-wise sum, which TorchSharp computes through a scalar factor of one.</summary>
    public static Tensor Plus(this Tensor left, Tensor right) => left.add(right, Shared.One);

    /// <summary>The element-wise square, which TorchSharp computes through a scalar power.</summary>
    public static Tensor Squared(this Tensor values) => values.mul(values);

    public static Tensor Within(this Tensor values, double low, double high)
    {
        using Scalar least = low, most = high;
        return values.clamp(least, most);
    }

    /// <summary>Created once libtorch is loaded, and never freed.</summary>
    private static class Shared
    {
        public static readonly Scalar One = 1;
    }
}
