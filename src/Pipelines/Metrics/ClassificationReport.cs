using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Pipelines.Metrics;
using Sconce.Trainers;
using Sconce.Trainers.Persistence;

namespace Sconce.Pipelines;

/// <summary>The metrics of a classifier, by ML.NET's own evaluator.</summary>
/// <param name="Rows">The number of rows with a label, those of <see cref="UnknownRows"/> included.</param>
/// <param name="Accuracy">The fraction of correct predictions, in [0, 1]: ML.NET's micro-accuracy, with rows of unknown classes counted as wrong.</param>
/// <param name="LogLoss">The mean negative log of the probability of the true class, at least 0, over the rows whose class the model knows.</param>
/// <param name="Classes">One entry for each class.</param>
/// <param name="Confusion">The number of rows by true class (first index) and predicted class (second), in the order of <paramref name="Classes"/>.</param>
/// <param name="Seconds">How long reading and scoring took, in seconds.</param>
public sealed record ClassificationReport(
    long Rows, double Accuracy, double LogLoss, IReadOnlyList<ClassResult> Classes, IReadOnlyList<IReadOnlyList<long>> Confusion, double Seconds)
{
    /// <summary>The number of rows whose label is not one of the model's classes: counted as wrong, and not in <see cref="Confusion"/>.</summary>
    public long UnknownRows { get; init; }

    /// <summary>The number of rows without a label, which are not measured.</summary>
    public long UnlabeledRows { get; init; }

    /// <summary>Rows scored per second.</summary>
    public double RowsPerSecond => Rows / Seconds;

    /// <summary>Scores labeled data and compares the scores with the labels.</summary>
    /// <param name="ml">The context to evaluate with.</param>
    /// <param name="model">A model that classifies.</param>
    /// <param name="data">Data with the columns that the model was trained on, its label included.</param>
    /// <exception cref="InvalidDataException">The model is not a classifier, or the data has no label or no rows of a class that the model knows.</exception>
    public static ClassificationReport Evaluate(MLContext ml, ModelFile model, IDataView data)
    {
        if (model.Objective is not Classification objective)
            throw new InvalidDataException($"'{model.Path}' is not a classifier.").About(file: model.Path, needed: ModelKind.Classifier);

        var scored = WithLabelKeys(ml, objective, model.Transform(data, ScoredColumns(objective)));
        return Measure(ml, objective, scored, scored);
    }

    /// <summary>The columns that <see cref="Measure"/> reads.</summary>
    internal static string[] ScoredColumns(Classification objective) => [objective.LabelColumnName, Classification.PredictedLabel, Classification.ScoreName];

    /// <summary>Compares the scores of a model with labels.</summary>
    /// <param name="ml">The context to evaluate with.</param>
    /// <param name="objective">What the model was trained for.</param>
    /// <param name="scored">The scores, with the label's keys.</param>
    /// <param name="labels">The same rows with the label before it was mapped to keys, which cached data no longer has.</param>
    internal static ClassificationReport Measure(MLContext ml, Classification objective, IDataView scored, IDataView labels)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var unknown = UnknownClasses.Of(scored, labels, objective.LabelColumnName);
        var metrics = ml.MulticlassClassification.Evaluate(scored, labelColumnName: objective.LabelColumnName);
        var counts = metrics.ConfusionMatrix.Counts.Select(row => (IReadOnlyList<long>)[.. row.Select(count => (long)count)]).ToList();
        var known = counts.Sum(row => row.Sum());
        unknown.RequireKnown(known, "The data to evaluate on");

        var classes = objective.Classes.Values.Select((name, i) => new ClassResult(
            name, counts[i].Sum(), metrics.ConfusionMatrix.PerClassPrecision[i], metrics.ConfusionMatrix.PerClassRecall[i])).ToList();
        return new ClassificationReport(known + unknown.Rows, unknown.Accuracy(metrics.MicroAccuracy, known), metrics.LogLoss, classes, counts, clock.Elapsed.TotalSeconds)
        {
            UnknownRows = unknown.Rows,
            UnlabeledRows = unknown.Unlabeled,
        };
    }

    /// <summary>Maps text labels to the model's keys, if its pipeline does not: one that scores data without labels.</summary>
    internal static IDataView WithLabelKeys(MLContext ml, Classification objective, IDataView data)
    {
        if (data.Schema.GetColumnOrNull(objective.LabelColumnName)?.Type is not TextDataViewType)
            return data;
        var classes = ml.Data.LoadFromEnumerable(objective.Classes.Values.Select(name => new ClassRow { Name = name }).ToList());
        return ml.Transforms.Conversion.MapValueToKey(objective.LabelColumnName, keyData: classes).Fit(data).Transform(data);
    }

    /// <summary>A class of a model.</summary>
    private sealed class ClassRow
    {
        public string Name { get; set; } = "";
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
