namespace Sconce.Pipelines.Metrics;

/// <summary>Labels and scores, which are measured with any weights of the rows.</summary>
internal abstract class ScoredRows
{
    /// <summary>The lower bound of probabilities in the log-loss, as in ML.NET.</summary>
    protected const double LeastProbability = 1e-15;

    /// <summary>The metrics' names, and whether more is better.</summary>
    public abstract IReadOnlyList<(string Name, bool IsMoreBetter)> Metrics { get; }

    /// <summary>The metrics of rows that count several times, or not at all.</summary>
    public abstract double[] Measure(ReadOnlySpan<int> weights);

    internal static double LossOf(double probability) => -Math.Log(Math.Max(probability, LeastProbability));
}

/// <summary>One of two classes.</summary>
internal sealed class BinaryRows(bool[] labels, double[] probabilities) : ScoredRows
{
    private readonly AreaUnderCurve _area = new(labels, probabilities);

    public override IReadOnlyList<(string Name, bool IsMoreBetter)> Metrics { get; } =
        [("area under the curve", true), ("accuracy", true), ("log-loss", false), ("recall", true), ("precision", true)];

    public override double[] Measure(ReadOnlySpan<int> weights)
    {
        var (rows, right, loss, positives, predicted, found) = (0L, 0L, 0.0, 0L, 0L, 0L);
        for (var i = 0; i < labels.Length; i++)
        {
            var (weight, answer) = (weights[i], probabilities[i] > 0.5);
            rows += weight;
            right += answer == labels[i] ? weight : 0;
            loss += weight == 0 ? 0 : weight * LossOf(labels[i] ? probabilities[i] : 1 - probabilities[i]);
            positives += labels[i] ? weight : 0;
            predicted += answer ? weight : 0;
            found += answer && labels[i] ? weight : 0;
        }

        // Nothing found is nothing right: a precision of 0, as in ML.NET.
        return [_area.Of(weights), (double)right / rows, loss / rows, (double)found / positives, predicted == 0 ? 0 : (double)found / predicted];
    }
}

/// <summary>One of several classes.</summary>
/// <param name="labels">The class of each row, from 0; -1 for one that the model does not know.</param>
/// <param name="probabilities">The probability of each class, for each row.</param>
internal sealed class MulticlassRows(int[] labels, float[][] probabilities) : ScoredRows
{
    private readonly int[] _answers = [.. probabilities.Select(row => row.AsSpan().IndexOf(row.Max()))];
    private readonly int _classes = labels.Append(0).Max() + 1;

    public override IReadOnlyList<(string Name, bool IsMoreBetter)> Metrics { get; } = [("accuracy", true), ("log-loss", false), ("macro recall", true)];

    public override double[] Measure(ReadOnlySpan<int> weights)
    {
        var (loss, rows, right) = (0.0, new long[_classes + 1], new long[_classes + 1]);
        for (var i = 0; i < labels.Length; i++)
        {
            // The last place is for unknown classes.
            var place = labels[i] < 0 ? _classes : labels[i];
            rows[place] += weights[i];
            right[place] += labels[i] == _answers[i] ? weights[i] : 0;
            loss += weights[i] == 0 ? 0 : weights[i] * LossOf(labels[i] < 0 ? 0 : probabilities[i][labels[i]]);
        }

        var total = rows.Sum();
        return [(double)right.Sum() / total, loss / total, rows.Zip(right).Where(each => each.First > 0).Average(each => (double)each.Second / each.First)];
    }
}

/// <summary>Numbers.</summary>
internal sealed class NumberRows(double[] labels, double[] predictions) : ScoredRows
{
    public override IReadOnlyList<(string Name, bool IsMoreBetter)> Metrics { get; } =
        [(RegressionReport.RootMeanSquaredErrorName, false), (RegressionReport.MeanAbsoluteErrorName, false), (RegressionReport.RSquaredName, true)];

    public override double[] Measure(ReadOnlySpan<int> weights)
    {
        var (rows, squared, absolute, mean, spread) = (0L, 0.0, 0.0, 0.0, 0.0);
        for (var i = 0; i < labels.Length; i++)
        {
            if (weights[i] == 0)
                continue;
            var error = predictions[i] - labels[i];
            squared += weights[i] * error * error;
            absolute += weights[i] * Math.Abs(error);
            // Welford's running variance (1962), with weights.
            rows += weights[i];
            var difference = labels[i] - mean;
            mean += difference * weights[i] / rows;
            spread += weights[i] * difference * (labels[i] - mean);
        }

        return [Math.Sqrt(squared / rows), absolute / rows, spread > 0 ? 1 - squared / spread : double.NaN];
    }
}

/// <summary>Several Booleans.</summary>
internal sealed class MultiLabelRows(bool[][] labels, float[][] probabilities) : ScoredRows
{
    private readonly AreaUnderCurve[] _areas = [.. Enumerable.Range(0, labels.Length == 0 ? 0 : labels[0].Length)
        .Select(label => new AreaUnderCurve([.. labels.Select(row => row[label])], [.. probabilities.Select(row => (double)row[label])]))];

    public override IReadOnlyList<(string Name, bool IsMoreBetter)> Metrics { get; } = [("mean area under the curve", true), ("exact match", true), ("Hamming loss", false)];

    public override double[] Measure(ReadOnlySpan<int> weights)
    {
        var (rows, exact, wrong) = (0L, 0L, 0L);
        for (var i = 0; i < labels.Length; i++)
        {
            var errors = labels[i].Zip(probabilities[i]).Count(each => each.First != each.Second > 0.5f);
            rows += weights[i];
            exact += errors == 0 ? weights[i] : 0;
            wrong += errors * weights[i];
        }

        List<double> areas = [];
        foreach (var area in _areas)
        {
            if (area.Of(weights) is var value && !double.IsNaN(value))
                areas.Add(value);
        }

        return [areas.Count > 0 ? areas.Average() : double.NaN, (double)exact / rows, (double)wrong / rows / _areas.Length];
    }
}
