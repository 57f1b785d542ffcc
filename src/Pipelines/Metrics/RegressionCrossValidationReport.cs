using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Trainers.Persistence;
using Sconce.Trainers.Training;

namespace Sconce.Pipelines;

/// <summary>The result of ML.NET's cross-validation of a regression: each fold is predicted by a model that was trained on the others.</summary>
/// <param name="Folds">One entry per fold.</param>
public sealed record RegressionCrossValidationReport(IReadOnlyList<RegressionFoldReport> Folds)
{
    /// <summary>The mean of the folds' root mean squared errors, in the label's unit.</summary>
    public double MeanRootMeanSquaredError => Folds.Average(fold => fold.RootMeanSquaredError);

    /// <summary>The sample standard deviation of the folds' root mean squared errors: an estimate of how much of a difference between two recipes is chance.</summary>
    public double RootMeanSquaredErrorDeviation => Math.Sqrt(Folds.Sum(fold => Math.Pow(fold.RootMeanSquaredError - MeanRootMeanSquaredError, 2)) / (Folds.Count - 1));

    /// <summary>The mean of the folds' mean absolute errors, in the label's unit.</summary>
    public double MeanMeanAbsoluteError => Folds.Average(fold => fold.MeanAbsoluteError);

    /// <summary>The mean of the folds' coefficients of determination (R²).</summary>
    public double MeanRSquared => Folds.Average(fold => fold.RSquared);

    /// <summary>Trains and measures one model per fold.</summary>
    /// <param name="ml">The context to train with; its seed assigns rows to folds.</param>
    /// <param name="pipeline">The pipeline of a regression of a single number.</param>
    /// <param name="data">The rows.</param>
    /// <param name="folds">The number of folds, 2 to 1,000; all models are held in memory until the last is trained.</param>
    /// <param name="labelColumnName">The label.</param>
    /// <exception cref="ArgumentException">There are fewer than 2 folds, or more than 1,000.</exception>
    public static RegressionCrossValidationReport Run(MLContext ml, IEstimator<ITransformer> pipeline, IDataView data, int folds, string labelColumnName = "Label")
    {
        Check.AtLeast(folds, 2, nameof(folds));
        Check.AtMost(folds, CrossValidationReport.MostFolds, nameof(folds));
        var results = ml.Regression.CrossValidate(RereadRows.Of(data, "The data"), pipeline, folds, labelColumnName);
        try
        {
            return new([.. results.OrderBy(result => result.Fold).Select(result =>
                new RegressionFoldReport(result.Fold + 1, result.Metrics.RootMeanSquaredError, result.Metrics.MeanAbsoluteError, result.Metrics.RSquared))]);
        }
        finally
        {
            foreach (var result in results)
                (result.Model as IDisposable)?.Dispose();
        }
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}

/// <summary>The result of one fold of a regression.</summary>
/// <param name="Fold">Its number, from 1.</param>
/// <param name="RootMeanSquaredError">The root mean squared error of its rows, in the label's unit.</param>
/// <param name="MeanAbsoluteError">The mean absolute error of its rows, in the label's unit.</param>
/// <param name="RSquared">The coefficient of determination (R²) of its rows, at most 1.</param>
public sealed record RegressionFoldReport(int Fold, double RootMeanSquaredError, double MeanAbsoluteError, double RSquared);
