using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Pipelines.Scoring.Rows;

namespace Sconce.Pipelines.Explanations;

/// <summary>A number that says how well scores fit labels.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsHigherBetter">Whether a higher number is better.</param>
/// <param name="Measure">Measures a view with the label and the score; NaN if no row has a label.</param>
internal sealed record ScoreMetric(string Name, bool IsHigherBetter, Func<IDataView, double> Measure)
{
    public const string Score = "Score";

    private const double LeastProbability = 1e-15;

    /// <summary>Chooses the metric by the types of label and score: whatever trainer made them, ML.NET's names and types say what they are.</summary>
    /// <exception cref="ArgumentException">There is no such label, or no metric for its type.</exception>
    public static ScoreMetric Of(DataViewSchema scored, string label)
    {
        var names = scored.Where(column => !column.IsHidden).Select(column => column.Name).ToList();
        var truth = scored.GetColumnOrNull(label) ?? throw new ArgumentException(
            $"The data has no label column '{label}'{NearestName.Question(label, names)}. Set LabelColumnName to one of: {string.Join(", ", names)}.", nameof(PermutationImportanceOptions.LabelColumnName))
                .About(property: nameof(PermutationImportanceOptions.LabelColumnName), column: label);
        var score = scored.GetColumnOrNull(Score) ?? throw new ArgumentException($"The model has no output column '{Score}', so it cannot be compared with the label.").About(column: Score);
        return (truth.Type, score.Type) switch
        {
            (BooleanDataViewType, NumberDataViewType) => new("area under the curve", true, view => AreaUnderCurve(view, label)),
            (_, VectorDataViewType) when ResultReader.SlotNamesOf(score) is { } classes && (ScalarReader.IsCategory(truth) || ScalarReader.IsNumber(truth)) =>
                new("log-loss", false, view => LogLoss(view, label, classes)),
            (NumberDataViewType, NumberDataViewType) => new("root mean squared error", false, view => RootMeanSquaredError(view, label)),
            _ => throw new ArgumentException($"There is no metric for a label of {truth.Type} and a score of {score.Type}.", nameof(PermutationImportanceOptions.LabelColumnName))
                .About(property: nameof(PermutationImportanceOptions.LabelColumnName), column: label),
        };
    }

    /// <summary>The probability that a positive row has a higher score than a negative one, equal scores counting half (Mann and Whitney, 1947).</summary>
    public static double AreaUnderCurve(IEnumerable<(double Score, bool IsPositive)> rows)
    {
        var (above, positives, negatives) = (0.0, 0L, 0L);
        foreach (var ties in rows.GroupBy(row => row.Score).OrderBy(group => group.Key))
        {
            var positive = ties.LongCount(row => row.IsPositive);
            var negative = ties.LongCount() - positive;
            above += positive * (negatives + (negative / 2.0));
            (positives, negatives) = (positives + positive, negatives + negative);
        }

        return above / positives / negatives;
    }

    private static double AreaUnderCurve(IDataView scored, string label)
    {
        var rows = new List<(double, bool)>();
        using var cursor = Open(scored, label);
        var truth = cursor.GetGetter<bool>(scored.Schema[label]);
        var score = ScalarReader.Number(cursor, scored.Schema[Score]);
        var isPositive = false;
        while (cursor.MoveNext())
        {
            truth(ref isPositive);
            rows.Add((score(), isPositive));
        }

        return AreaUnderCurve(rows);
    }

    private static double LogLoss(IDataView scored, string label, IReadOnlyList<string> classes)
    {
        var indices = classes.Index().ToDictionary(entry => entry.Item, entry => entry.Index, StringComparer.Ordinal);
        using var cursor = Open(scored, label);
        var truth = ScalarReader.Text(cursor, scored.Schema[label]);
        var score = cursor.GetGetter<VBuffer<float>>(scored.Schema[Score]);
        var probabilities = default(VBuffer<float>);
        var (sum, rows) = (0.0, 0L);
        while (cursor.MoveNext())
        {
            // A row without a label, or with one that the model does not know, is not measured.
            if (!indices.TryGetValue(truth(), out var index))
                continue;
            score(ref probabilities);
            sum -= Math.Log(Math.Max(probabilities.GetItemOrDefault(index), LeastProbability));
            rows++;
        }

        return sum / rows;
    }

    private static double RootMeanSquaredError(IDataView scored, string label)
    {
        using var cursor = Open(scored, label);
        var (truth, score) = (ScalarReader.Number(cursor, scored.Schema[label]), ScalarReader.Number(cursor, scored.Schema[Score]));
        var (sum, rows) = (0.0, 0L);
        while (cursor.MoveNext())
        {
            var expected = truth();
            if (!double.IsFinite(expected))
                continue;
            var error = score() - expected;
            sum += error * error;
            rows++;
        }

        return Math.Sqrt(sum / rows);
    }

    private static DataViewRowCursor Open(IDataView scored, string label) => scored.GetRowCursor([scored.Schema[label], scored.Schema[Score]]);
}
