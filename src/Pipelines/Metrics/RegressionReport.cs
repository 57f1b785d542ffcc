using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Pipelines.Metrics;
using Sconce.Trainers;
using Sconce.Trainers.Objectives;
using Sconce.Trainers.Persistence;

namespace Sconce.Pipelines;

/// <summary>The metrics of a regression, as in <c>ml.Regression.Evaluate</c>; also for vectors of numbers.</summary>
/// <param name="Rows">The number of rows with a label. Rows whose label is missing (NaN) or infinite are not measured.</param>
/// <param name="MeanAbsoluteError">The mean absolute error, in the label's unit.</param>
/// <param name="RootMeanSquaredError">The root mean squared error, in the label's unit.</param>
/// <param name="RSquared">The coefficient of determination (R²), at most 1; for vectors, over the summed variances. NaN if all labels are equal.</param>
/// <param name="Mistakes">The rows with the largest errors, the worst first: at most 24.</param>
/// <param name="Seconds">How long reading and scoring took, in seconds.</param>
public sealed record RegressionReport(long Rows, double MeanAbsoluteError, double RootMeanSquaredError, double RSquared, IReadOnlyList<Mistake> Mistakes, double Seconds)
{
    internal const string MeanAbsoluteErrorName = "mean absolute error";
    internal const string RootMeanSquaredErrorName = "root mean squared error";
    internal const string RSquaredName = "R²";
    internal const string PinballLossName = "pinball loss";
    internal const string CoverageName = "interval coverage";

    /// <summary>The number of rows whose label is missing (NaN) or infinite, which are not measured.</summary>
    public long UnlabeledRows { get; init; }

    /// <summary>The quantiles that the model predicts; null if it predicts the expected value.</summary>
    public IReadOnlyList<double>? Quantiles { get; init; }

    /// <summary>The mean pinball loss of the quantiles, in the label's unit; null without quantiles.</summary>
    public double? PinballLoss { get; init; }

    /// <summary>
    /// The fraction of labels between the first and the last quantile, in [0, 1]: of quantiles 0.1 and 0.9 it should be 0.8. Null with fewer than two quantiles.
    /// </summary>
    public double? IntervalCoverage { get; init; }

    /// <summary>Rows scored per second.</summary>
    public double RowsPerSecond => Rows / Seconds;

    /// <summary>Scores labeled data and compares the scores with the labels.</summary>
    /// <param name="model">A model that predicts a number, or a vector of numbers.</param>
    /// <param name="data">Data with the columns that the model was trained on, its label included.</param>
    /// <exception cref="InvalidDataException">The model is not a regression, or the data has no label, a label of another length, or no labeled rows.</exception>
    public static RegressionReport Evaluate(ModelFile model, IDataView data)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Objective is not Regression { LabelColumnName: var label } objective)
            throw new InvalidDataException($"'{model.Path}' does not predict numbers; it cannot be evaluated as a regression.").About(file: model.Path);
        var clock = Stopwatch.StartNew();
        string[] columns = [label, Regression.ScoreName, .. objective.Quantiles is null ? [] : (string[])[QuantileOutputs.ColumnName]];
        var scored = model.Transform(data, columns);
        using var cursor = scored.GetRowCursor(columns.Select(name => scored.Schema[name]));
        var quantiles = QuantileErrors.Of(cursor, objective);
        var size = objective.Quantiles is null ? objective.OutputSize : 1;
        var (expected, given) = (ReaderOf(cursor, label, size), ReaderOf(cursor, Regression.ScoreName, size));
        var (rows, unlabeled, absolute) = (0L, 0L, 0.0);
        // Welford's running variance (1962): the difference of large sums of squares would lose its digits.
        var (squared, means, spreads) = (new double[size], new double[size], new double[size]);
        var worst = new WorstMistakes.Worst<Mistake>(Evaluation.MistakesKept);
        while (cursor.MoveNext())
        {
            var right = expected();
            var score = given();
            if (!Array.TrueForAll(right, float.IsFinite))
            {
                unlabeled++;
                continue;
            }

            rows++;
            var sum = 0.0;
            for (var i = 0; i < size; i++)
            {
                var error = (double)score[i] - right[i];
                sum += Math.Abs(error);
                squared[i] += error * error;
                var difference = right[i] - means[i];
                means[i] += difference / rows;
                spreads[i] += difference * (right[i] - means[i]);
            }

            absolute += sum;
            quantiles?.Add(right[0]);
            worst.Offer(sum / size, () => new Mistake(Text(right), Text(score), sum / size, []));
        }

        return rows > 0
            ? new RegressionReport(
                rows, absolute / rows / size, Math.Sqrt(squared.Sum() / rows / size), spreads.Sum() > 0 ? 1 - squared.Sum() / spreads.Sum() : double.NaN,
                worst.Ordered(), clock.Elapsed.TotalSeconds)
            {
                UnlabeledRows = unlabeled,
                Quantiles = objective.Quantiles,
                PinballLoss = quantiles?.PinballLoss,
                IntervalCoverage = quantiles?.Coverage,
            }
            : throw new InvalidDataException("The data to evaluate on has no rows with a label.").About(column: label);
    }

    /// <summary>The metrics by name.</summary>
    internal IReadOnlyDictionary<string, double> Metrics => new (string Name, double? Value)[]
    {
        (MeanAbsoluteErrorName, MeanAbsoluteError), (RootMeanSquaredErrorName, RootMeanSquaredError), (RSquaredName, RSquared), (PinballLossName, PinballLoss),
        (CoverageName, IntervalCoverage),
    }.Where(metric => metric.Value is not null).ToDictionary(metric => metric.Name, metric => metric.Value!.Value);

    /// <summary>Reads a number, or a vector of numbers, into one array.</summary>
    /// <exception cref="InvalidDataException">The column, or one of its rows, has another number of values.</exception>
    private static Func<float[]> ReaderOf(DataViewRow row, string name, int size)
    {
        var column = row.Schema[name];
        var numbers = new float[size];
        var known = column.Type is VectorDataViewType { Size: var values } ? values : 1;
        // 0 is an unknown size.
        if (known != 0 && known != size)
            throw Wrong($"Column '{name}' has the type {column.Type}", at: null);
        if (column.Type is VectorDataViewType)
        {
            var vector = row.GetGetter<VBuffer<float>>(column);
            VBuffer<float> current = default;
            return () =>
            {
                vector(ref current);
                if (current.Length != size)
                    throw Wrong($"Row {row.Position + 1} of column '{name}' has {current.Length} values", row.Position + 1);
                current.CopyTo(numbers);
                return numbers;
            };
        }

        var number = row.GetGetter<float>(column);
        return () =>
        {
            number(ref numbers[0]);
            return numbers;
        };

        InvalidDataException Wrong(string what, long? at) =>
            new InvalidDataException($"{what}; the model predicts {size} {(size == 1 ? "value" : "values")}.").About(row: at, column: name);
    }

    private static string Text(IEnumerable<float> values) => string.Join(", ", values.Select(value => value.ToString("G6", CultureInfo.InvariantCulture)));

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
