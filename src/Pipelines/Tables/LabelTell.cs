namespace Sconce.Pipelines.Tables;

/// <summary>Measures whether a column tells the label by itself.</summary>
/// <param name="column">The column's profile.</param>
/// <param name="classes">The number of classes; 0 if the label is a number.</param>
internal sealed class LabelTell(ColumnProfile column, int classes)
{
    private const int MostSampled = 50_000;
    private const int LeastRows = 10;
    private const int LeastOfClass = 3;

    /// <summary>The most rows that a telling column gets wrong, as a fraction of those that the most frequent class gets wrong.</summary>
    private const double MostErrors = 0.02;

    private const double LeastCorrelation = 0.9999;

    private readonly Dictionary<string, long[]>? _counts = column.Values is null || classes == 0 ? null : new(StringComparer.Ordinal);
    private readonly List<(double Number, int Class)> _sample = [];
    private readonly Random _random = new(0);
    private long _numbers;
    // Sums of Welford's (1962) running covariance.
    private double _mean;
    private double _labelMean;
    private double _spread;
    private double _labelSpread;
    private double _product;

    /// <summary>Adds a row with a class.</summary>
    public void Add(TableCell cell, int label)
    {
        if (_counts is not null)
        {
            var key = cell.IsMissing ? "" : cell.Text;
            if (!_counts.TryGetValue(key, out var counts))
                _counts[key] = counts = new long[classes];
            counts[label]++;
        }

        if (!column.IsNumeric || cell.IsMissing)
            return;
        _numbers++;
        if (_sample.Count < MostSampled)
            _sample.Add((cell.Number, label));
        else if (_random.NextInt64(_numbers) is var place and < MostSampled)
            _sample[(int)place] = (cell.Number, label);
    }

    /// <summary>Adds a row whose label is a number.</summary>
    public void Add(TableCell cell, double label)
    {
        if (!double.IsFinite(cell.Number) || !double.IsFinite(label))
            return;
        _numbers++;
        var (difference, labelDifference) = (cell.Number - _mean, label - _labelMean);
        _mean += difference / _numbers;
        _labelMean += labelDifference / _numbers;
        _spread += difference * (cell.Number - _mean);
        _labelSpread += labelDifference * (label - _labelMean);
        _product += difference * (label - _labelMean);
    }

    /// <summary>How the column tells the label; null if it does not.</summary>
    public string? Reason()
    {
        if (classes == 0)
        {
            return _numbers >= LeastRows && _spread > 0 && Math.Abs(_product) >= LeastCorrelation * Math.Sqrt(_spread * _labelSpread)
                ? $"has a correlation of {_product / Math.Sqrt(_spread * _labelSpread):F5} with" : null;
        }

        if (_counts is not null && IsTold(out var right))
            return $"predicts {right:P1} of";
        return IsSeparated() ? "separates all classes of" : null;
    }

    /// <summary>Whether the most frequent class of each value is right, not counting the row itself: a value that occurs once tells nothing.</summary>
    private bool IsTold(out double share)
    {
        var (rows, right) = (0L, 0L);
        var totals = new long[classes];
        foreach (var counts in _counts!.Values)
        {
            long[] sorted = [.. counts.OrderDescending()];
            rows += counts.Sum();
            if (sorted[0] > 1 && (classes == 1 || sorted[0] - 1 >= sorted[1]))
                right += sorted[0];
            for (var i = 0; i < classes; i++)
                totals[i] += counts[i];
        }

        share = (double)right / rows;
        return rows >= LeastRows && _counts.Count > 1 && rows - right <= MostErrors * (rows - totals.Max());
    }

    /// <summary>Whether each class has a range of its own.</summary>
    private bool IsSeparated()
    {
        if (_sample.Count < LeastRows || _sample.Count < column.Rows / 2 && _sample.Count < MostSampled || _sample.CountBy(row => row.Class).Any(count => count.Value < LeastOfClass))
            return false;
        var (ranges, previous) = (0, -1);
        foreach (var group in _sample.GroupBy(row => row.Number).OrderBy(group => group.Key))
        {
            var label = group.First().Class;
            if (group.Any(row => row.Class != label))
                return false;
            if (label != previous && ++ranges > classes)
                return false;
            previous = label;
        }

        return ranges == classes;
    }
}
