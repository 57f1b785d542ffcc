using static TorchSharp.torch;

namespace Sconce.Trainers.Tests;

/// <summary>
/// Whether libtorch convolves rows rightly on this machine. oneDNN 3.7 does not where the processor's caches are unknown, as in some virtual machines: its
/// results then differ from run to run, and nothing that is asked of them can hold.
/// </summary>
internal static class Convolutions
{
    private const double Tolerance = 1e-3;

    private static readonly Lazy<bool> _areRight = new(() =>
    {
        TorchRuntime.EnsureLoaded();
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var random = new Generator(1);
        var (rows, weight) = (rand([4, 28, 28], generator: random), rand([6, 28, 3], generator: random));
        var sums = einsum("nclk,ock->nol", nn.functional.pad(rows, [1, 1]).unfold(2, 3, 1), weight);
        return nn.functional.conv1d(rows, weight, padding: 1).sub(sums).abs().max().item<float>() < Tolerance;
    });

    /// <summary>Skips a test, and says why, where they are wrong.</summary>
    public static void SkipIfWrong() => Assert.SkipUnless(_areRight.Value, "libtorch's convolutions over rows are wrong on this machine, whose caches oneDNN cannot find.");
}
