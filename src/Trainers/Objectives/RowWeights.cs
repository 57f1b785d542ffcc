using Sconce.Trainers.Native;
using static TorchSharp.torch;

namespace Sconce.Trainers.Objectives;

/// <summary>The weights of rows in the loss. Their mean over the training rows is 1, so that the learning rate keeps its meaning.</summary>
/// <param name="Factor">The factor that makes the mean 1.</param>
/// <param name="ByClass">The weight of each class, times the factor; null if all are the same.</param>
/// <param name="ByClassAlone">The weight of each class for rows without weights of their own, such as those of a validation set, with a mean of 1 by itself. Null if all are the same.</param>
internal sealed record RowWeights(double Factor, IReadOnlyList<float>? ByClass, IReadOnlyList<float>? ByClassAlone)
{
    /// <summary>The weights of a batch, [rows]; null if all are the same.</summary>
    /// <param name="targets">The targets of the rows; for classes their indices from 0.</param>
    /// <param name="examples">The weights of the rows in their column; null if there are none.</param>
    public Tensor? Of(Tensor targets, Tensor? examples)
    {
        if (ByClass is null)
            return examples?.Times(Factor);
        return examples is null ? Select(ByClassAlone!) : Select(ByClass).mul(examples);

        Tensor Select(IReadOnlyList<float> weights) => tensor([.. weights]).index_select(0, targets);
    }

    /// <summary>Sums up the weights while the targets are read for the first time.</summary>
    /// <param name="classes">The number of classes; 1 for regression.</param>
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

        /// <summary>Returns the weights; null if all rows have the same.</summary>
        /// <param name="byClass">The weight of each class; null if all are the same.</param>
        /// <exception cref="InvalidDataException">All weights are 0.</exception>
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
