using Microsoft.ML;
using Sconce.Trainers;

namespace Sconce.Pipelines.Metrics;

/// <summary>A row that is scored once, and read by several metrics; with the columns that ML.NET's evaluator reads.</summary>
internal sealed class ScoredBoolean
{
    public bool Label { get; init; }

    public bool PredictedLabel { get; init; }

    public float Score { get; init; }

    public float Probability { get; init; }

    /// <summary>The predicted probability of the true value.</summary>
    public double TrueProbability => Label ? Probability : 1 - (double)Probability;

    /// <summary>The columns that are read.</summary>
    public static string[] ColumnsOf(BinaryClassification objective) =>
        [objective.LabelColumnName, BinaryClassification.PredictedLabel, BinaryClassification.ScoreName, BinaryClassification.ProbabilityName];

    /// <summary>Reads all rows, in order.</summary>
    public static IReadOnlyList<ScoredBoolean> Read(BinaryClassification objective, IDataView scored)
    {
        DataViewSchema.Column[] columns = [.. ColumnsOf(objective).Select(name => scored.Schema[name])];
        using var cursor = scored.GetRowCursor(columns);
        var label = cursor.GetGetter<bool>(columns[0]);
        var answer = cursor.GetGetter<bool>(columns[1]);
        var logit = cursor.GetGetter<float>(columns[2]);
        var chance = cursor.GetGetter<float>(columns[3]);
        List<ScoredBoolean> rows = [];
        var (isTrue, given, score, probability) = (false, false, 0f, 0f);
        while (cursor.MoveNext())
        {
            label(ref isTrue);
            answer(ref given);
            logit(ref score);
            chance(ref probability);
            rows.Add(new() { Label = isTrue, PredictedLabel = given, Score = score, Probability = probability });
        }

        return rows;
    }
}
