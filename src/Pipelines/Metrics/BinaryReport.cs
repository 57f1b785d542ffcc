using System.Diagnostics;
using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Pipelines.Metrics;
using Sconce.Trainers;
using Sconce.Trainers.Persistence;

namespace Sconce.Pipelines;

/// <summary>The metrics of a classifier of two classes, as in <c>ml.BinaryClassification.Evaluate</c>. Rows of one class alone are measured as well.</summary>
/// <param name="Rows">The number of rows.</param>
/// <param name="AreaUnderRocCurve">The area under the ROC curve, in [0, 1]; NaN if all rows are of one class.</param>
/// <param name="AreaUnderPrecisionRecallCurve">The area under the curve of precision over recall, in [0, 1]; NaN likewise.</param>
/// <param name="Accuracy">The fraction of correct predictions, in [0, 1].</param>
/// <param name="F1Score">The harmonic mean of precision and recall of the positive class, in [0, 1]; 0 if no positive row is found.</param>
/// <param name="LogLoss">The mean negative natural logarithm of the probability of the true class, at least 0. ML.NET's is the binary logarithm.</param>
/// <param name="Classes">The negative class, then the positive one, by the values that the label had.</param>
/// <param name="Confusion">The number of rows by true class (first index) and predicted class (second), in the order of <paramref name="Classes"/>.</param>
/// <param name="Seconds">How long reading and scoring took, in seconds.</param>
public sealed record BinaryReport(
    long Rows, double AreaUnderRocCurve, double AreaUnderPrecisionRecallCurve, double Accuracy, double F1Score, double LogLoss,
    IReadOnlyList<ClassResult> Classes, IReadOnlyList<IReadOnlyList<long>> Confusion, double Seconds)
{
    /// <summary>The number of rows without a label, which are not measured.</summary>
    public long UnlabeledRows { get; init; }

    /// <summary>The wrong predictions, those with the least probability of the true class first: at most 24.</summary>
    public IReadOnlyList<Mistake> Mistakes { get; init; } = [];

    /// <summary>Why the areas are undefined: all rows are of one class. Null if they are defined.</summary>
    public string? UndefinedArea => Classes.FirstOrDefault(entry => entry.Rows == 0) is { } absent
        ? $"The area under the curve is undefined: no row has the label '{absent.Name}'." : null;

    /// <summary>Rows scored per second.</summary>
    public double RowsPerSecond => Rows / Seconds;

    /// <summary>The metrics by name, without areas that are undefined.</summary>
    internal IReadOnlyDictionary<string, double> Metrics => new (string Name, double Value)[]
    {
        ("area under the curve", AreaUnderRocCurve), ("area under the precision-recall curve", AreaUnderPrecisionRecallCurve), ("accuracy", Accuracy), ("F1", F1Score),
        ("log-loss", LogLoss),
    }.Where(metric => !double.IsNaN(metric.Value)).ToDictionary(metric => metric.Name, metric => metric.Value);

    /// <summary>Scores labeled data and compares the scores with the labels.</summary>
    /// <param name="ml">The context to evaluate with.</param>
    /// <param name="model">A model that predicts a Boolean.</param>
    /// <param name="data">Data with the columns that the model was trained on, its label included.</param>
    /// <exception cref="InvalidDataException">The model does not predict a Boolean, or the data has no rows with a label, or a label that is neither of its two values.</exception>
    public static BinaryReport Evaluate(MLContext ml, ModelFile model, IDataView data)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Objective is not BinaryClassification { IsMultiLabel: false } objective)
            throw new InvalidDataException($"'{model.Path}' does not predict a Boolean; it cannot be evaluated as a classifier of two classes.").About(file: model.Path);
        var clock = Stopwatch.StartNew();
        var labeled = LabeledRows.Of(model, objective, data);
        var rows = ScoredBoolean.Read(objective, labeled.Score(model, objective, ScoredBoolean.ColumnsOf(objective)));
        return Measure(ml, objective, rows) with
        {
            Seconds = clock.Elapsed.TotalSeconds,
            UnlabeledRows = labeled.Unlabeled,
            Mistakes = WorstMistakes.OfBinary(model, labeled.Rows, rows, Evaluation.MistakesKept),
        };
    }

    /// <summary>Compares the scores of a model with labels.</summary>
    internal static BinaryReport Measure(MLContext ml, BinaryClassification objective, IReadOnlyList<ScoredBoolean> scored)
    {
        var counts = new long[][] { new long[2], new long[2] };
        foreach (var row in scored)
            counts[row.Label ? 1 : 0][row.PredictedLabel ? 1 : 0]++;
        var rows = scored.Count;
        if (rows == 0)
            throw new InvalidDataException("The data to evaluate on has no rows with a label.").About(column: objective.LabelColumnName);
        // ML.NET's evaluator throws if a class has no rows.
        var metrics = counts.All(row => row.Sum() > 0) ? ml.BinaryClassification.Evaluate(ml.Data.LoadFromEnumerable(scored)) : null;
        ClassResult[] classes = [ResultOf(0), ResultOf(1)];
        var positive = classes[1];
        return new(
            rows, metrics?.AreaUnderRocCurve ?? double.NaN, metrics?.AreaUnderPrecisionRecallCurve ?? double.NaN, (double)(counts[0][0] + counts[1][1]) / rows,
            counts[1][1] == 0 ? 0 : 2 * positive.Precision * positive.Recall / (positive.Precision + positive.Recall),
            scored.Sum(row => ScoredRows.LossOf(row.TrueProbability)) / rows, classes, counts, Seconds: 0);

        ClassResult ResultOf(int i) => new(
            objective.Names.Values[i], counts[i].Sum(), Share(counts[i][i], counts[0][i] + counts[1][i]), Share(counts[i][i], counts[i].Sum()));
    }

    private static double Share(long part, long whole) => whole == 0 ? 0 : (double)part / whole;

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
