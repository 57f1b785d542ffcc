using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sconce.Core.Errors;
using static TorchSharp.torch;

namespace Sconce.Trainers.Networks.Recurrent;

/// <summary>
/// A stateful network that reads sequences batch after batch and carries its state from one to the next. The network itself is shared and
/// does not change; the state belongs to this object, which is not thread-safe.
/// </summary>
/// <remarks>
/// Between batches the state is in managed memory, for two reasons: it has no graph, so that gradients end where a batch
/// begins; and a reader that is never disposed, such as the rows of ML.NET's <c>PredictionEngine</c>, leaves no native memory.
/// </remarks>
/// <param name="network">The network; it is not disposed with this.</param>
/// <param name="lanes">
/// The number of sequences that are read in parallel. A batch has one row of each lane, or the same number of consecutive rows of each,
/// next to each other.
/// </param>
internal sealed class CarriedState(IStatefulModule network, int lanes) : nn.Module<Tensor, Tensor>(nameof(CarriedState))
{
    private List<(float[] Values, long[] Shape)>? _state;

    /// <summary>Runs over the next batch.</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (output, state) = network.Run(input, _state is null ? network.CreateState(lanes) : _state.ConvertAll(Restore));
        _state = [.. state.Select(tensor => (Keep(tensor), tensor.shape))];
        return output.MoveToOuterDisposeScope();
    }

    /// <summary>Resets the state to the initial one.</summary>
    public void Reset() => _state = null;

    /// <summary>Returns the state as JSON; null before the first batch.</summary>
    public JsonNode? SaveState() => JsonSerializer.SerializeToNode(_state?.Select(tensor => MemoryMarshal.AsBytes(tensor.Values.AsSpan()).ToArray()));

    /// <summary>Restores what <see cref="SaveState"/> returned.</summary>
    /// <exception cref="ArgumentException">It does not fit the network or the number of lanes.</exception>
    public void RestoreState(JsonNode? state)
    {
        _state = null;
        if (state is null)
            return;
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var expected = network.CreateState(lanes);
        var tensors = Tensors(state).ToList();
        Check.Count(tensors.Count, expected.Count, "The number of tensors in the state");
        _state = [.. tensors.Zip(expected, (bytes, tensor) =>
        {
            Check.Count(bytes.Length, tensor.numel() * sizeof(float), "The number of bytes of a tensor in the state");
            return (MemoryMarshal.Cast<byte, float>(bytes).ToArray(), tensor.shape);
        })];
    }

    /// <remarks>Version 0.1 wrote a list for each layer, of its hidden state and its cell's, or null.</remarks>
    private static IEnumerable<byte[]> Tensors(JsonNode state) => state.AsArray()
        .SelectMany(item => item is JsonArray layer ? layer.Where(tensor => tensor is not null) : [item])
        .Select(tensor => tensor.Deserialize<byte[]>() ?? throw new ArgumentException("A tensor of the state is null."));

    private static float[] Keep(Tensor values) => MemoryMarshal.Cast<byte, float>(values.detach().contiguous().bytes).ToArray();

    private static Tensor Restore((float[] Values, long[] Shape) kept)
    {
        var tensor = empty(kept.Shape, ScalarType.Float32);
        MemoryMarshal.AsBytes<float>(kept.Values).CopyTo(tensor.bytes);
        return tensor;
    }
}
