using Sconce.Trainers.Persistence;

namespace Sconce.Pipelines;

/// <summary>How scores compare with labels, in counts and sums that add up: those of two parts of some data make those of the whole.</summary>
public sealed record LabelComparison
{
    /// <summary>The relative rounding error of one operation on doubles.</summary>
    private const double RoundOff = 1.0 / (1L << 53);

    /// <summary>The number of rows with a label.</summary>
    public long Rows { get; init; }

    /// <summary>The number of rows without one; they count for nothing else.</summary>
    public long Unlabelled { get; init; }

    /// <summary>Of classes, how often each was predicted for each: by the label, then by the prediction. Empty for numbers.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, long>> Confusion { get; init; } = new Dictionary<string, IReadOnlyDictionary<string, long>>();

    /// <summary>The sum of -ln p over rows, p being the probability that was given to the label.</summary>
    public double LogLossSum { get; init; }

    /// <summary>The number of rows in that sum: those whose label is among the classes that have probabilities.</summary>
    public long LogLossRows { get; init; }

    /// <summary>Of numbers, the sum of the errors' sizes.</summary>
    public double AbsoluteErrors { get; init; }

    /// <summary>Of numbers, the sum of the errors' squares.</summary>
    public double SquaredErrors { get; init; }

    /// <summary>Of numbers, the sum of the labels.</summary>
    public double Labels { get; init; }

    /// <summary>Of numbers, the sum of the labels' squares.</summary>
    public double SquaredLabels { get; init; }

    /// <summary>The share of rows whose prediction is their label; null for numbers, and without rows.</summary>
    public double? Accuracy => Confusion.Count > 0 ? (double)Confusion.Sum(row => row.Value.GetValueOrDefault(row.Key)) / Rows : null;

    /// <summary>The mean of -ln p over rows whose label has a probability; null without any.</summary>
    public double? LogLoss => LogLossRows > 0 ? LogLossSum / LogLossRows : null;

    /// <summary>The mean size of errors, in the label's unit; null for classes, and without rows.</summary>
    public double? MeanAbsoluteError => OfNumbers(AbsoluteErrors / Rows);

    /// <summary>The root of the mean squared error, in the label's unit; likewise.</summary>
    public double? RootMeanSquaredError => OfNumbers(Math.Sqrt(SquaredErrors / Rows));

    /// <summary>The share of the labels' variance that is explained (R²); likewise, and NaN where all labels are the same.</summary>
    public double? RSquared => OfNumbers(Spread is > 0 and var spread ? 1 - SquaredErrors / spread : double.NaN);

    /// <summary>Each class that is a label or was predicted, sorted: its rows, and how well it was told.</summary>
    public IReadOnlyList<ClassResult> Classes => [.. Confusion.SelectMany(row => row.Value.Keys.Append(row.Key)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(Result)];

    /// <summary>Puts the comparisons of two parts together.</summary>
    public LabelComparison Add(LabelComparison other) => new()
    {
        Rows = Rows + other.Rows,
        Unlabelled = Unlabelled + other.Unlabelled,
        Confusion = Confusion.Concat(other.Confusion).GroupBy(row => row.Key, StringComparer.Ordinal).OrderBy(rows => rows.Key, StringComparer.Ordinal).ToDictionary(
            rows => rows.Key,
            IReadOnlyDictionary<string, long> (rows) => rows.SelectMany(row => row.Value).GroupBy(cell => cell.Key, StringComparer.Ordinal).OrderBy(cells => cells.Key, StringComparer.Ordinal).ToDictionary(cells => cells.Key, cells => cells.Sum(cell => cell.Value))),
        LogLossSum = LogLossSum + other.LogLossSum,
        LogLossRows = LogLossRows + other.LogLossRows,
        AbsoluteErrors = AbsoluteErrors + other.AbsoluteErrors,
        SquaredErrors = SquaredErrors + other.SquaredErrors,
        Labels = Labels + other.Labels,
        SquaredLabels = SquaredLabels + other.SquaredLabels,
    };

    /// <summary>The sum of the squared differences of labels from their mean; 0 where it is no more than what sums of so many squares are rounded by.</summary>
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
