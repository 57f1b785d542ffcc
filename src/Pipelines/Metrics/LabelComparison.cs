using Sconce.Trainers.Persistence;

namespace Sconce.Pipelines;

/// <summary>A comparison of scores with labels, as counts and sums that can be added over parts of the data.</summary>
public sealed record LabelComparison
{
    /// <summary>The relative rounding error of one operation on doubles.</summary>
    private const double RoundOff = 1.0 / (1L << 53);

    /// <summary>The number of rows with a label.</summary>
    public long Rows { get; init; }

    /// <summary>The number of rows without a label, which are not counted elsewhere.</summary>
    public long Unlabelled { get; init; }

    /// <summary>For classes, the number of rows by label, then by prediction. Empty for numbers.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, long>> Confusion { get; init; } = new Dictionary<string, IReadOnlyDictionary<string, long>>();

    /// <summary>The sum over rows of -ln p, where p is the predicted probability of the label.</summary>
    public double LogLossSum { get; init; }

    /// <summary>The number of rows in that sum: those whose label has a probability.</summary>
    public long LogLossRows { get; init; }

    /// <summary>For numbers, the sum of the absolute errors.</summary>
    public double AbsoluteErrors { get; init; }

    /// <summary>For numbers, the sum of the squared errors.</summary>
    public double SquaredErrors { get; init; }

    /// <summary>For numbers, the sum of the labels.</summary>
    public double Labels { get; init; }

    /// <summary>For numbers, the sum of the squared labels.</summary>
    public double SquaredLabels { get; init; }

    /// <summary>The fraction of correct predictions; null for numbers, and without rows.</summary>
    public double? Accuracy => Confusion.Count > 0 ? (double)Confusion.Sum(row => row.Value.GetValueOrDefault(row.Key)) / Rows : null;

    /// <summary>The mean of -ln p over the rows whose label has a probability; null if there are none.</summary>
    public double? LogLoss => LogLossRows > 0 ? LogLossSum / LogLossRows : null;

    /// <summary>The mean absolute error, in the label's unit; null for classes, and without rows.</summary>
    public double? MeanAbsoluteError => OfNumbers(AbsoluteErrors / Rows);

    /// <summary>The root mean squared error, in the label's unit; null likewise.</summary>
    public double? RootMeanSquaredError => OfNumbers(Math.Sqrt(SquaredErrors / Rows));

    /// <summary>The coefficient of determination (R²); null likewise, and NaN if all labels are equal.</summary>
    public double? RSquared => OfNumbers(Spread is > 0 and var spread ? 1 - SquaredErrors / spread : double.NaN);

    /// <summary>The results of each class that is a label or was predicted, sorted by name.</summary>
    public IReadOnlyList<ClassResult> Classes =>
        [.. Confusion.SelectMany(row => row.Value.Keys.Append(row.Key)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(Result)];

    /// <summary>Adds the comparison of another part of the data.</summary>
    public LabelComparison Add(LabelComparison other) => new()
    {
        Rows = Rows + other.Rows,
        Unlabelled = Unlabelled + other.Unlabelled,
        Confusion = Merge(Confusion.Concat(other.Confusion), IReadOnlyDictionary<string, long> (rows) => Merge(rows.SelectMany(row => row), cells => cells.Sum())),
        LogLossSum = LogLossSum + other.LogLossSum,
        LogLossRows = LogLossRows + other.LogLossRows,
        AbsoluteErrors = AbsoluteErrors + other.AbsoluteErrors,
        SquaredErrors = SquaredErrors + other.SquaredErrors,
        Labels = Labels + other.Labels,
        SquaredLabels = SquaredLabels + other.SquaredLabels,
    };

    /// <summary>Merges the values of equal keys, sorted.</summary>
    private static Dictionary<string, TResult> Merge<TValue, TResult>(IEnumerable<KeyValuePair<string, TValue>> values, Func<IEnumerable<TValue>, TResult> merge) =>
        values.GroupBy(each => each.Key, each => each.Value, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => merge(group));

    /// <summary>The sum of the squared deviations of the labels from their mean; 0 if it is within the rounding error.</summary>
    private double Spread => SquaredLabels - Labels * Labels / Rows is var spread && spread > Rows * RoundOff * SquaredLabels ? spread : 0;

    private double? OfNumbers(double value) => Confusion.Count == 0 && Rows > 0 ? value : null;

    private ClassResult Result(string name)
    {
        var rows = Confusion.GetValueOrDefault(name)?.Values.Sum() ?? 0;
        var right = Confusion.GetValueOrDefault(name)?.GetValueOrDefault(name) ?? 0;
        var predicted = Confusion.Values.Sum(row => row.GetValueOrDefault(name));
        return new(name, rows, predicted > 0 ? (double)right / predicted : 0, rows > 0 ? (double)right / rows : 0);
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
