using Sconce.Trainers.Native;
using static TorchSharp.torch;

namespace Sconce.Trainers.Objectives;

/// <summary>How much each row counts in the loss. Over the rows that are learned from it comes to 1 on average, so that the learning rate keeps its meaning.</summary>
/// <param name="Factor">What brings the average to 1.</param>
/// <param name="ByClass">The weight of each class, times the factor; null where all are the same.</param>
/// <param name="ByClassAlone">The weight of each class for rows that have none of their own, as those of a validation set: it comes to 1 on average by itself. Null where all are the same.</param>
internal sealed record RowWeights(double Factor, IReadOnlyList<float>? ByClass, IReadOnlyList<float>? ByClassAlone)
{
    /// <summary>The weights of a batch, [rows]; null where all its rows count the same.</summary>
    /// <param name="targets">The rows' targets; of classes their numbers from 0.</param>
    /// <param name="examples">The weights of the rows themselves, as they are in their column; null where there are none.</param>
    public Tensor? Of(Tensor targets, Tensor? examples)
    {
        if (ByClass is null)
            return examples?.Times(Factor);
        return examples is null ? Select(ByClassAlone!) : Select(ByClass).mul(examples);

        Tensor Select(IReadOnlyList<float> weights) => tensor([.. weights]).index_select(0, targets);
    }

    /// <summary>Adds up the weights while the targets are read for the first time.</summary>
    /// <param name="classes">The number of classes; 1 where numbers are learned.</param>
    internal sealed class Survey(int classes)
    {
        private readonly double[] _sums = new double[classes];
        private float _least = float.PositiveInfinity;
        private float _most;

        /// <summary>The number of rows of each class.</summary>
        public long[] Rows { get; } = new long[classes];

        public void Add(long index, float weight)
        {
            Rows[index]++;
            _sums[index] += weight;
            _least = Math.Min(_least, weight);
            _most = Math.Max(_most, weight);
        }

        /// <summary>Gives the weights; null where every row has the same, which is as good as none.</summary>
        /// <param name="byClass">The weight of each class; null where all are the same.</param>
        /// <exception cref="InvalidDataException">No row counts.</exception>
        public RowWeights? Complete(double[]? byClass)
        {
            var total = byClass is null ? _sums.Sum() : byClass.Zip(_sums, (weight, sum) => weight * sum).Sum();
            if (total <= 0)
                throw new InvalidDataException("Every row has the weight 0. At least one row needs an example weight and a class weight of more than 0.");
            var present = byClass?.Where((_, index) => Rows[index] > 0).Distinct().ToList();
            if (present is { Count: > 1 })
            {
                var (factor, alone) = (Rows.Sum() / total, Rows.Sum() / byClass!.Zip(Rows, (weight, rows) => weight * rows).Sum());
                return new(factor, Times(factor), Times(alone));
            }

            return _least == _most ? null : new(Rows.Sum() / _sums.Sum(), null, null);

            IReadOnlyList<float> Times(double factor) => [.. byClass!.Select(weight => (float)(weight * factor))];
        }
    }
}
