using Sconce.Trainers.Onnx;
using static TorchSharp.torch;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Sconce.Trainers;

/// <summary>Finds the lengths of the rows of a batch, for networks that read rows of different lengths (<see cref="Network.ReadsSequences"/>).</summary>
public static class SequenceLengths
{
    /// <summary>Splits a batch into its values and its rows' lengths, which are marked in it.</summary>
    /// <param name="batch">
    /// The input of <c>forward</c>: symbols, 64-bit [rows, steps] with 0 beyond a row's end; or floats [rows, steps, ...] with NaN beyond
    /// it.
    /// </param>
    /// <returns>The batch up to the end of its longest row, with floats beyond a row's end set to 0; and each row's length, 64-bit [rows], or null where all rows are as long as the batch.</returns>
    public static (Tensor Batch, Tensor? Lengths) Trim(Tensor batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.is_floating_point())
        {
            using var beyond = (batch.dim() > 2 ? batch.flatten(2).select(2, 0) : batch).isnan();
            if (!beyond.any().item<bool>())
                return (batch, null);
            return Cut(batch.nan_to_num(0), beyond.logical_not().sum(1, type: ScalarType.Int64));
        }

        return Cut(batch, Count(batch));
    }

    /// <summary>Adds <see cref="Trim"/> to a graph, except that the batch keeps its length.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="batch">As for <see cref="Trim"/>.</param>
    /// <param name="isSymbols">Whether the batch has symbols rather than numbers.</param>
    /// <returns>Symbols as they are, or floats [rows, steps, values of a step] with 0 beyond a row's end; and each row's length, or null where all rows have the same.</returns>
    public static (OnnxValue Batch, OnnxValue? Lengths) Export(OnnxGraph graph, OnnxValue batch, bool isSymbols)
    {
        ArgumentNullException.ThrowIfNull(graph);
        if (isSymbols)
            return (batch, Count(graph.Add("Equal", [batch, graph.Constant(0)])));
        var values = graph.Reshape(batch, 0, 0, -1);
        if (!graph.HasMarkedEnds)
            return (values, null);
        var beyond = graph.Add("IsNaN", [values]);
        return (graph.Add("Where", [beyond, graph.Constant(0f), values]), Count(graph.Add("Gather", [beyond, graph.Constant(0)], ("axis", 2))));

        OnnxValue Count(OnnxValue beyond) => graph.Sum(graph.Cast(graph.Add("Not", [beyond]), DataType.Int64), 1);
    }

    /// <summary>The number of symbols in each row, 64-bit [rows].</summary>
    internal static Tensor Count(Tensor symbols)
    {
        using var zero = zeros_like(symbols);
        return symbols.ne(zero).sum(1, type: ScalarType.Int64);
    }

    private static (Tensor Batch, Tensor? Lengths) Cut(Tensor batch, Tensor lengths)
    {
        long longest = lengths.max().item<long>(), shortest = lengths.min().item<long>();
        return (longest < batch.shape[1] ? batch.narrow(1, 0, longest) : batch, shortest < longest ? lengths : null);
    }
}
