using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Pipelines.Metrics;
using Sconce.Trainers.Persistence;
using Sconce.Trainers.Training;

namespace Sconce.Pipelines;

/// <summary>How well a recipe does, by ML.NET's own cross-validation: each part of the rows is predicted by a model that learned from the others.</summary>
/// <param name="Folds">One entry for each part.</param>
public sealed record CrossValidationReport(IReadOnlyList<FoldReport> Folds)
{
    /// <summary>More would be trained for days, and no memory holds so many models.</summary>
    internal const int MostFolds = 1_000;

    /// <summary>The mean of the parts' accuracies.</summary>
    public double MeanAccuracy => Folds.Average(fold => fold.Accuracy);

    /// <summary>Their standard deviation, of a sample: about how much of a difference between two recipes is chance.</summary>
    public double AccuracyDeviation => Math.Sqrt(Folds.Sum(fold => Math.Pow(fold.Accuracy - MeanAccuracy, 2)) / (Folds.Count - 1));

    /// <summary>The mean of their log-losses.</summary>
    public double MeanLogLoss => Folds.Average(fold => fold.LogLoss);

    /// <summary>Trains and measures as many models as there are folds.</summary>
    /// <param name="ml">The context to train with; its seed decides which rows are in which part.</param>
    /// <param name="pipeline">The pipeline of a classifier.</param>
    /// <param name="data">The rows.</param>
    /// <param name="folds">The number of parts, 2 to 1,000: all models are held until the last is trained.</param>
    /// <param name="labelColumnName">The label.</param>
    /// <exception cref="ArgumentException">There are fewer than 2 folds, or more than 1,000.</exception>
    /// <exception cref="InvalidDataException">A fold has no row of a class that is in the other folds.</exception>
    public static CrossValidationReport Run(MLContext ml, IEstimator<ITransformer> pipeline, IDataView data, int folds, string labelColumnName = "Label")
    {
        Check.AtLeast(folds, 2, nameof(folds));
        Check.AtMost(folds, MostFolds, nameof(folds));
        var results = ml.MulticlassClassification.CrossValidate(RereadRows.Of(data, "The data"), pipeline, folds, labelColumnName);
        try
        {
            return new([.. results.OrderBy(result => result.Fold).Select(result => Measure(result.Fold + 1, result.Metrics, result.ScoredHoldOutSet, labelColumnName))]);
        }
        finally
        {
            foreach (var result in results)
                (result.Model as IDisposable)?.Dispose();
        }
    }

    private static FoldReport Measure(int number, MulticlassClassificationMetrics metrics, IDataView scored, string label)
    {
        var unknown = UnknownClasses.Of(scored, scored, label);
        var known = (long)metrics.ConfusionMatrix.Counts.Sum(row => row.Sum());
        unknown.RequireKnown(known, $"Fold {number}");
        return new(number, unknown.Accuracy(metrics.MicroAccuracy, known), metrics.LogLoss);
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}

/// <summary>What one part of the rows came to.</summary>
/// <param name="Fold">Its number, from 1.</param>
/// <param name="Accuracy">The share of its rows with a label that were predicted right; a class that is in no other fold is not.</param>
/// <param name="LogLoss">The mean negative log of the probability that was given to the right class.</param>
public sealed record FoldReport(int Fold, double Accuracy, double LogLoss);
