namespace Sconce.Pipelines.Metrics;

/// <summary>The area under the ROC curve: the probability that a positive row scores above a negative one, ties counting half (Hanley and McNeil, 1982).</summary>
internal sealed class AreaUnderCurve
{
    private readonly bool[] _labels;
    private readonly double[] _scores;
    // The rows in ascending order of their scores.
    private readonly int[] _order;

    public AreaUnderCurve(bool[] labels, double[] scores)
    {
        (_labels, _scores) = (labels, scores);
        _order = [.. Enumerable.Range(0, scores.Length).OrderBy(row => scores[row])];
    }

    /// <summary>The area of rows that count several times, or not at all; NaN without a positive or a negative row.</summary>
    public double Of(ReadOnlySpan<int> weights)
    {
        var (area, negatives, positives) = (0.0, 0.0, 0.0);
        for (var i = 0; i < _order.Length;)
        {
            var score = _scores[_order[i]];
            var (tiedPositives, tiedNegatives) = (0.0, 0.0);
            for (; i < _order.Length && _scores[_order[i]].Equals(score); i++)
            {
                var row = _order[i];
                if (_labels[row])
                    tiedPositives += weights[row];
                else
                    tiedNegatives += weights[row];
            }

            area += tiedPositives * (negatives + tiedNegatives / 2);
            (positives, negatives) = (positives + tiedPositives, negatives + tiedNegatives);
        }

        return area / (positives * negatives);
    }
}
