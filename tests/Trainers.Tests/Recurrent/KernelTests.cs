using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Recurrent;

/// <summary>libtorch takes other kernels where no gradients are recorded: a network has to score as it was trained.</summary>
public class KernelTests
{
    [Theory]
    [InlineData(RecurrentCell.Elman)]
    [InlineData(RecurrentCell.Lstm)]
    [InlineData(RecurrentCell.Gru)]
    public void Every_size_gives_the_same_with_and_without_gradients(RecurrentCell cell)
    {
        using var random = new Generator(1);
        foreach (var size in (int[])[.. Enumerable.Range(1, 18), 32, 33, 40, 48, 50, 64, 100, 128, 140])
        {
            foreach (var bidirectional in (bool[])[false, true])
            {
                using var scope = NewDisposeScope();
                using var layers = new RecurrentLayers { Cell = cell, HiddenSize = size, Bidirectional = bidirectional, NumberOfLayers = 2 }.Build(3, random);
                foreach (var rows in (int[])[1, 5])
                {
                    var input = randn([rows, 7, 3], generator: random);
                    var (expected, state) = layers.Run(input);
                    using (no_grad())
                        Same(layers.Run(input));
                    using (inference_mode())
                        Same(layers.Run(input));

                    void Same((Tensor Output, RecurrentState State) actual)
                    {
                        Assert.False(actual.Output.requires_grad);
                        Assert.True((actual.Output - expected).abs().max().item<float>() < 1e-5f, $"{cell} of {size}, {rows} rows: the outputs differ");
                        foreach (var (one, other) in state.Layers.Zip(actual.State.Layers))
                        {
                            Assert.True((one.Hidden - other.Hidden).abs().max().item<float>() < 1e-5f, $"{cell} of {size}, {rows} rows: the states differ");
                            Assert.True(one.Cell is null || (one.Cell - other.Cell!).abs().max().item<float>() < 1e-5f, $"{cell} of {size}, {rows} rows: the cell states differ");
                        }
                    }
                }
            }
        }
    }
}
