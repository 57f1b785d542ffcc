using System.Globalization;
using System.Runtime.InteropServices;
using Sconce.Trainers.Native;
using Sconce.Trainers.Onnx;
using Sconce.Trainers.Persistence;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>The scale on which a network learns its targets: each value of a label minus its mean, divided by its standard deviation.</summary>
/// <remarks>
/// It is measured on the training rows, weighted if they have weights, in double precision, and undone when scoring. Validation rows are
/// not used.
/// </remarks>
/// <param name="Means">The mean of each number of a row's label.</param>
/// <param name="StandardDeviations">Its population standard deviation, more than 0; 1 if all rows have the same number.</param>
public sealed record TargetScale(IReadOnlyList<double> Means, IReadOnlyList<double> StandardDeviations)
{
    /// <summary>Labels [rows, ...] as the network learns them.</summary>
    internal Tensor ToNetwork(Tensor labels) => labels.reshape(-1, Means.Count).sub(Row(Means)).div(Row(StandardDeviations)).reshape(labels.shape);

    /// <summary>The network's outputs [rows, ...] in the label's unit.</summary>
    internal Tensor FromNetwork(Tensor outputs) => outputs.reshape(-1, Means.Count).mul(Row(StandardDeviations)).Plus(Row(Means)).reshape(outputs.shape);

    /// <summary>Adds the computation of <see cref="FromNetwork"/> to a graph; the result is [rows, numbers].</summary>
    internal OnnxValue ExportFromNetwork(OnnxGraph graph, OnnxValue outputs)
    {
        var scaled = graph.Add("Mul", [graph.Reshape(outputs, [-1, Means.Count]), Constant(StandardDeviations)]);
        return graph.Plus(scaled, Constant(Means));

        OnnxValue Constant(IReadOnlyList<double> values) =>
            graph.Constant(OnnxTensor.Of(global::Onnx.TensorProto.Types.DataType.Float, [values.Count], MemoryMarshal.AsBytes<float>(Singles(values))));
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);

    /// <summary>Checks a scale that comes from a file.</summary>
    /// <exception cref="ArgumentException">It does not fit the labels.</exception>
    internal void Validate(int count)
    {
        if (Means.Count != count || StandardDeviations.Count != count)
            throw new ArgumentException($"Objective.Scale has {Means.Count} means and {StandardDeviations.Count} standard deviations; a row's label has {count} numbers.");
        if (Means.Any(mean => !float.IsFinite((float)mean)) || StandardDeviations.Any(deviation => deviation <= 0 || !float.IsNormal((float)deviation)))
            throw new ArgumentException("Objective.Scale has a mean that is not finite, or a standard deviation that is not a positive, finite Single.");
    }

    /// <summary>Describes the scaled values that the network learns.</summary>
    internal string Describe(string column) => Means is [var mean]
        ? string.Create(CultureInfo.InvariantCulture, $"The network learns column '{column}' scaled by its mean, {mean:G6}, and its standard deviation, {StandardDeviations[0]:G6}. Losses are in the scaled unit, metrics and scores in the column's own.")
        : $"The network learns each of the {Means.Count} values of column '{column}' scaled by its own mean and standard deviation. Losses are in the scaled units, metrics and scores in the column's own.";

    private static Tensor Row(IReadOnlyList<double> values) => tensor(Singles(values));

    private static float[] Singles(IReadOnlyList<double> values) => [.. values.Select(value => (float)value)];

    /// <summary>
    /// Measures the scale while the targets are read for the first time: Welford's and West's recurrence, which keeps small deviations from
    /// a large mean.
    /// </summary>
    internal sealed class Survey(int count)
    {
        private readonly double[] _means = new double[count];
        private readonly double[] _squares = new double[count];
        private double _weight;

        public TargetScale Scale => new([.. _means], [.. _squares.Select(Deviation)]);

        /// <param name="label">The numbers of a row's label.</param>
        /// <param name="weight">Its weight; a label with the weight 0 may have any value.</param>
        public void Add(ReadOnlySpan<float> label, double weight)
        {
            if (weight == 0)
                return;
            _weight += weight;
            for (var i = 0; i < label.Length; i++)
            {
                var difference = label[i] - _means[i];
                _means[i] += difference * weight / _weight;
                _squares[i] += weight * difference * (label[i] - _means[i]);
            }
        }

        /// <summary>Labels that are all equal, or differ by less than a Single resolves, are not scaled.</summary>
        private double Deviation(double squares)
        {
            var deviation = Math.Sqrt(squares / _weight);
            return float.IsNormal((float)deviation) ? deviation : 1;
        }
    }
}
