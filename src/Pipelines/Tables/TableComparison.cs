using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Pipelines.Metrics;
using Sconce.Pipelines.Tables;
using Sconce.Trainers.Persistence;

namespace Sconce.Pipelines;

/// <summary>Models of a table on the same rows, beside a constant.</summary>
/// <param name="Rows">The number of rows.</param>
/// <param name="Models">The models in the order given, and then the constants.</param>
public sealed record TableComparison(long Rows, IReadOnlyList<ComparedModel> Models)
{
    private const int LeastUnits = 10;
    private const double LowLevel = 0.025;

    /// <summary>Measures models on the same rows, with 95 % bootstrap intervals (percentiles; Efron and Tibshirani, 1993).</summary>
    /// <param name="models">
    /// Each model's name and the rows it scored, in the same order: with <c>Probability</c> for a binary task, <c>Score</c> with slot names for
    /// several classes, <c>Score</c> for numbers, and a vector <c>Probability</c> for several labels.
    /// </param>
    /// <param name="options">The task and the label. All models see the same resamples.</param>
    /// <exception cref="ArgumentException">A column is missing, or an option has an unsupported value.</exception>
    /// <exception cref="InvalidDataException">There are no rows, models scored different rows, or a column does not fit the task.</exception>
    public static TableComparison Of(IReadOnlyList<(string Name, IDataView Scored)> models, TableComparisonOptions options)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (models.Count == 0)
            throw new ArgumentException($"{nameof(models)} is empty; it has to have at least one model.", nameof(models));
        var reader = new ScoredTable(options);
        var (rows, units) = reader.UnitsOf(models[0].Scored);
        if (rows == 0)
            throw new InvalidDataException("The rows to compare models on are empty; give at least one.").About(column: options.LabelColumnName);
        List<(string Name, ScoredRows Scores)> measured = [.. models.Select(model => (model.Name, reader.Read(model.Name, model.Scored, rows)))];
        measured.AddRange(reader.Constants(models[0].Scored));
        var whole = new int[rows];
        Array.Fill(whole, 1);
        var values = measured.ConvertAll(model => model.Scores.Measure(whole));
        var samples = units.Length < LeastUnits ? null : Resample(measured.ConvertAll(model => model.Scores), units, rows, options);
        return new(rows, [.. measured.Select((model, i) => new ComparedModel(model.Name, [.. model.Scores.Metrics.Select((metric, j) => Estimate(metric, values[i][j], samples?[i][j]))]))]);
    }

    /// <summary>The metrics of each model in each resample.</summary>
    private static List<List<double>[]> Resample(List<ScoredRows> models, int[][] units, int rows, TableComparisonOptions options)
    {
        var results = models.ConvertAll(model => model.Metrics.Select(_ => new List<double>(options.NumberOfResamples)).ToArray());
        var random = new Random(options.Seed);
        var weights = new int[rows];
        for (var resample = 0; resample < options.NumberOfResamples; resample++)
        {
            options.CancellationToken.ThrowIfCancellationRequested();
            Array.Clear(weights);
            for (var i = 0; i < units.Length; i++)
            {
                foreach (var row in units[random.Next(units.Length)])
                    weights[row]++;
            }

            foreach (var (model, result) in models.Zip(results))
            {
                // A resample without a positive row, say, has no area under the curve.
                foreach (var (value, list) in model.Measure(weights).Zip(result).Where(each => !double.IsNaN(each.First)))
                    list.Add(value);
            }
        }

        return results;
    }

    private static MetricEstimate Estimate((string Name, bool IsMoreBetter) metric, double value, List<double>? samples)
    {
        samples?.Sort();
        return samples is { Count: > 0 } && !double.IsNaN(value)
            ? new(metric.Name, value, metric.IsMoreBetter) { Low = Quantile.Of([.. samples], LowLevel), High = Quantile.Of([.. samples], 1 - LowLevel) }
            : new(metric.Name, value, metric.IsMoreBetter);
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}

/// <summary>A model in a comparison.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Metrics">Its metrics; the first is the main one of the task.</param>
public sealed record ComparedModel(string Name, IReadOnlyList<MetricEstimate> Metrics)
{
    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}

/// <summary>A metric with a 95 % interval.</summary>
/// <param name="Name">Its name: "area under the curve".</param>
/// <param name="Value">Its value on the rows; NaN where it is not defined. The log-loss is in nats.</param>
/// <param name="IsMoreBetter">Whether a larger value is better.</param>
public sealed record MetricEstimate(string Name, double Value, bool IsMoreBetter)
{
    /// <summary>The lower bound of the interval; null for fewer than 10 rows or groups.</summary>
    public double? Low { get; init; }

    /// <summary>The upper bound of the interval; null for fewer than 10 rows or groups.</summary>
    public double? High { get; init; }
}
