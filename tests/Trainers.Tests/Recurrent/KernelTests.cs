using Sconce.Trainers.Networks.Recurrent;
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

    /// <summary>A batch of many rows trains step by step, a few of them by the kernel: together they have to give what the batch gives.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_large_batch_gives_the_outputs_and_gradients_of_its_parts(bool ofDifferentLengths)
    {
        const int Rows = 64, Parts = 4, Steps = 6;
        using var scope = NewDisposeScope();
        using var random = new Generator(1);
        using var layers = new RecurrentLayers { HiddenSize = 100, Bidirectional = true }.Build(3, random);
        var input = randn([Rows, Steps, 3], generator: random);
        var lengths = ofDifferentLengths ? arange(Rows).remainder(Steps).add(1) : null;

        var (outputs, gradients) = Run(input, lengths);
        var parts = input.chunk(Parts).Zip(lengths?.chunk(Parts) ?? new Tensor?[Parts]!, (rows, ends) => Run(rows, ends)).ToList();
        Assert.True((cat([.. parts.Select(part => part.Output)]) - outputs).abs().max().item<float>() < 1e-5f);
        foreach (var (i, gradient) in gradients.Index())
        {
            var sum = parts.Select(part => part.Gradients[i]).Aggregate((one, other) => one + other);
            Assert.True((sum - gradient).abs().max().item<float>() <= 1e-5f * (1 + gradient.abs().max().item<float>()), $"gradient {i} differs");
        }

        (Tensor Output, List<Tensor> Gradients) Run(Tensor rows, Tensor? ends)
        {
            var (_, state) = layers.Run(rows, null, ends);
            var last = state.Last(2);
            last.pow(2).sum().backward();
            var found = layers.parameters().Select(parameter => parameter.grad!.clone()).ToList();
            foreach (var parameter in layers.parameters())
                parameter.grad = null;
            return (last.detach(), found);
        }
    }
}
