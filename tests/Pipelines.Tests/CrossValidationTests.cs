using Microsoft.ML;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tests;

/// <summary>ML.NET's cross-validation of a network.</summary>
public class CrossValidationTests
{
    [Fact]
    public void Each_fold_is_measured_and_the_deviation_is_that_of_a_sample()
    {
        var ml = new MLContext(seed: 1);
        var data = ml.Data.TakeRows(ml.Data.LoadMnist().Train, 900);
        var report = CrossValidationReport.Run(ml, DigitPipeline.Create(ml, new SoftmaxRegression.Options { NumberOfSteps = 60 }), data, folds: 3);
        Assert.Equal([1, 2, 3], report.Folds.Select(fold => fold.Fold));
        Assert.All(report.Folds, fold => Assert.InRange(fold.Accuracy, 0.6, 1));
        Assert.Equal(3, report.Folds.Select(fold => fold.LogLoss).Distinct().Count());
        var (a, b, c) = (report.Folds[0].Accuracy, report.Folds[1].Accuracy, report.Folds[2].Accuracy);
        Assert.Equal((a + b + c) / 3, report.MeanAccuracy, 12);
        // Of three numbers the variance is a sixth of the sum of the squared differences of their pairs.
        Assert.Equal(Math.Sqrt(((a - b) * (a - b) + (b - c) * (b - c) + (c - a) * (c - a)) / 6), report.AccuracyDeviation, 12);
    }

    [Fact]
    public void One_fold_is_refused()
    {
        var ml = new MLContext(seed: 1);
        var pipeline = DigitPipeline.Create(ml, new SoftmaxRegression.Options());
        Assert.Contains("folds is 1", Assert.Throws<ArgumentOutOfRangeException>(() => CrossValidationReport.Run(ml, pipeline, ml.Data.LoadMnistTest(), 1)).Message, StringComparison.Ordinal);
    }
}
