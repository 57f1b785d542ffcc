using static TorchSharp.torch;

namespace Sconce.Trainers;

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
