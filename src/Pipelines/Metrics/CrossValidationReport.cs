using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Pipelines.Metrics;
using Sconce.Trainers.Persistence;
using Sconce.Trainers.Training;

namespace Sconce.Pipelines;

/// <summary>The result of ML.NET's cross-validation: each fold is predicted by a model that was trained on the others.</summary>
/// <param name="Folds">One entry per fold.</param>
public sealed record CrossValidationReport(IReadOnlyList<FoldReport> Folds)
{
    /// <summary>All models are held in memory until the last is trained.</summary>
    internal const int MostFolds = 1_000;

    /// <summary>The mean accuracy of the folds.</summary>
    public double MeanAccuracy => Folds.Average(fold => fold.Accuracy);

    /// <summary>The sample standard deviation of the folds' accuracies: an estimate of how much of a difference between two recipes is chance.</summary>
    public double AccuracyDeviation => Math.Sqrt(Folds.Sum(fold => Math.Pow(fold.Accuracy - MeanAccuracy, 2)) / (Folds.Count - 1));

    /// <summary>The mean log-loss of the folds.</summary>
    public double MeanLogLoss => Folds.Average(fold => fold.LogLoss);

    /// <summary>Trains and measures one model per fold.</summary>
    /// <param name="ml">The context to train with; its seed assigns rows to folds.</param>
    /// <param name="pipeline">The pipeline of a classifier.</param>
    /// <param name="data">The rows.</param>
    /// <param name="folds">The number of folds, 2 to 1,000; all models are held in memory until the last is trained.</param>
    /// <param name="labelColumnName">The label.</param>
    /// <exception cref="ArgumentException">There are fewer than 2 folds, or more than 1,000.</exception>
    /// <exception cref="InvalidDataException">A fold has no row of a class that occurs in the other folds.</exception>
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

/// <summary>The result of one fold.</summary>
/// <param name="Fold">Its number, from 1.</param>
/// <param name="Accuracy">The fraction of its labeled rows that were predicted correctly; rows of a class that occurs in no other fold count as wrong.</param>
/// <param name="LogLoss">The mean negative log of the probability of the true class.</param>
public sealed record FoldReport(int Fold, double Accuracy, double LogLoss);
