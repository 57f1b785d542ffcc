using static TorchSharp.torch;

namespace Sconce.Trainers.Tests;

/// <summary>Without gradients libtorch takes other kernels, of which oneDNN's for LSTM is wrong for most hidden sizes.</summary>
public class InferenceTests
{
    [Theory]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(24)]
    [InlineData(40)]
    [InlineData(100)]
    [InlineData(128)]
    public void Every_cell_gives_the_same_with_and_without_gradients(int hiddenSize)
    {
        TorchRuntime.EnsureLoaded();
        using var scope = NewDisposeScope();
        using var random = new Generator(1);
        foreach (var cell in Enum.GetValues<RecurrentCell>())
        {
            using var stack = new RecurrentLayers { Cell = cell, HiddenSize = hiddenSize, Bidirectional = true }.Build(5, random);
            stack.eval();
            var input = randn(3, 4, 5, generator: random);
            var expected = stack.Run(input).Output.detach();
            foreach (var mode in (Func<IDisposable>[])[() => no_grad(), () => inference_mode()])
            {
                using (mode())
                    Assert.True((stack.Run(input).Output - expected).abs().max().item<float>() < 1e-5, $"{cell} of {hiddenSize}");
            }
        }
    }
}
