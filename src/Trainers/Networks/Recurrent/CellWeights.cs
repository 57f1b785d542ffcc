using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Trainers.Networks.Recurrent;

/// <summary>The weights of one layer in one direction, laid out as PyTorch lays them out.</summary>
/// <param name="Input">W: [gates * hidden size, input size].</param>
/// <param name="Hidden">U: [gates * hidden size, hidden size].</param>
/// <param name="InputBias">b: [gates * hidden size].</param>
/// <param name="HiddenBias">b': [gates * hidden size].</param>
/// <param name="Peephole">p of the gates that see the cell state: [peepholes * hidden size]; null for cells without peepholes.</param>
internal sealed record CellWeights(Tensor Input, Tensor Hidden, Tensor InputBias, Tensor HiddenBias, Tensor? Peephole)
{
    /// <summary>Creates weights whose values are not drawn yet.</summary>
    public static CellWeights Create(CellEquations cell, long inputSize, long hiddenSize)
    {
        var gates = cell.Gates * hiddenSize;
        return new(Make(gates, inputSize), Make(gates, hiddenSize), Make(gates), Make(gates), cell.Peepholes > 0 ? Make(cell.Peepholes * hiddenSize) : null);
    }

    /// <summary>The weights, by their names in PyTorch, which has no peepholes.</summary>
    /// <param name="layer">The number of the layer, from 0.</param>
    /// <param name="reverse">Whether the direction is from the sequence's end.</param>
    public IEnumerable<(string Name, Tensor Weight)> Named(int layer, bool reverse)
    {
        var suffix = $"_l{layer}{(reverse ? "_reverse" : "")}";
        yield return ($"weight_ih{suffix}", Input);
        yield return ($"weight_hh{suffix}", Hidden);
        yield return ($"bias_ih{suffix}", InputBias);
        yield return ($"bias_hh{suffix}", HiddenBias);
        if (Peephole is not null)
            yield return ($"weight_peephole{suffix}", Peephole);
    }

    /// <summary>The weights cast to another type; gradients flow back to the originals.</summary>
    public CellWeights As(ScalarType type) => Input.dtype == type ? this : new(Input.to(type), Hidden.to(type), InputBias.to(type), HiddenBias.to(type), Peephole?.to(type));

    private static Parameter Make(params long[] shape) => new(zeros(shape, ScalarType.Float32));
}
