using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sconce.Core.Errors;
using static TorchSharp.torch;

namespace Sconce.Trainers.Networks.Recurrent;

/// <summary>
/// One reading of sequences, batch after batch: a recurrent network whose state after a batch is the one that the next
/// begins with. The network itself is shared and stays as it is; only this reading remembers, so it is for one thread.
/// </summary>
/// <remarks>
/// Between batches the state is in managed memory, for two reasons: it has no graph, so that gradients end where a batch
/// begins; and nothing native is left by a reader that nobody disposes, as ML.NET's <c>PredictionEngine</c> does with rows.
/// </remarks>
/// <param name="network">The network; it is not disposed with this.</param>
/// <param name="lanes">The number of sequences that are read at once. A batch has as many rows, or a multiple: each lane's rows are side by side then, and one sequence.</param>
internal sealed class CarriedState(RecurrentModule network, int lanes) : nn.Module<Tensor, Tensor>(nameof(CarriedState))
{
    private IReadOnlyList<(float[] Hidden, float[]? Cell)>? _layers;

    /// <summary>Runs over the next batch.</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var before = _layers is null ? null : new RecurrentState([.. _layers.Select(layer => new CellState(Restore(layer.Hidden), layer.Cell is null ? null : Restore(layer.Cell)))]);
        var (output, after) = network.Run(input, before, lanes);
        _layers = [.. after.Layers.Select(layer => (Keep(layer.Hidden), layer.Cell is null ? null : Keep(layer.Cell)))];
        return output.MoveToOuterDisposeScope();
    }

    /// <summary>Begins again with a state of zero.</summary>
    public void Reset() => _layers = null;

    /// <summary>Gives what is carried, as JSON; null before the first batch.</summary>
    public JsonNode? SaveState() => JsonSerializer.SerializeToNode(_layers?.Select(layer => new[] { Bytes(layer.Hidden), layer.Cell is null ? null : Bytes(layer.Cell) }));

    /// <summary>Takes back what <see cref="SaveState"/> gave.</summary>
    /// <exception cref="ArgumentException">It is of another network, or of another number of lanes.</exception>
    public void RestoreState(JsonNode? state)
    {
        if (state.Deserialize<byte[]?[][]>() is not { } layers)
        {
            _layers = null;
            return;
        }

        var hasCellState = CellEquations.Of(network.Layers).HasCellState;
        Check.Count(layers.Length, network.Layers.NumberOfLayers, "The number of layers");
        _layers = [.. layers.Select(layer => (Values(layer[0]), hasCellState ? Values(layer[1]) : null))];

        float[] Values(byte[]? bytes)
        {
            Check.Count(bytes?.Length ?? 0, (long)lanes * network.Layers.HiddenSize * sizeof(float), "The number of bytes of a layer's state");
            return Floats(bytes!);
        }
    }

    private static byte[] Bytes(float[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    private static float[] Floats(byte[] bytes) => MemoryMarshal.Cast<byte, float>(bytes).ToArray();

    private static float[] Keep(Tensor values) => MemoryMarshal.Cast<byte, float>(values.detach().contiguous().bytes).ToArray();

    private Tensor Restore(float[] values)
    {
        var tensor = empty([lanes, values.Length / lanes], ScalarType.Float32);
        MemoryMarshal.AsBytes<float>(values).CopyTo(tensor.bytes);
        return tensor;
    }
}
