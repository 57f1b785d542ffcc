using Sconce.Trainers.Onnx;
using static TorchSharp.torch;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Sconce.Trainers.Columns;

/// <summary>Finds how long the rows of a batch are, which <see cref="SequenceColumn"/> has marked.</summary>
internal static class SequenceLengths
{
    /// <summary>Takes a batch as <see cref="InputColumn.ToNetwork"/> gives it.</summary>
    /// <param name="batch">Symbols [rows, steps], 0 beyond a row's end; or floats [rows, steps, ...], NaN beyond it.</param>
    /// <returns>The batch up to the end of its longest row, in which floats beyond a row's end are 0; and each row's length, 64-bit [rows], null where all are as long as the batch.</returns>
    public static (Tensor Batch, Tensor? Lengths) Trim(Tensor batch)
    {
        if (batch.is_floating_point())
        {
            using var beyond = (batch.dim() > 2 ? batch.flatten(2).select(2, 0) : batch).isnan();
            if (!beyond.any().item<bool>())
                return (batch, null);
            return Cut(batch.nan_to_num(0), beyond.logical_not().sum(1, type: ScalarType.Int64));
        }

        return Cut(batch, Count(batch));
    }

    /// <summary>Adds <see cref="Trim"/> to a graph, but that nothing is cut off: layers that know the lengths do not look beyond a row's end.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="batch">As for <see cref="Trim"/>.</param>
    /// <param name="isSymbols">Whether it is of symbols.</param>
    /// <returns>Symbols as they are; floats [rows, steps, values in a step], 0 beyond a row's end. And each row's length, null where no row has a marked end.</returns>
    public static (OnnxValue Batch, OnnxValue? Lengths) Export(OnnxGraph graph, OnnxValue batch, bool isSymbols)
    {
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
    public static Tensor Count(Tensor symbols)
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
