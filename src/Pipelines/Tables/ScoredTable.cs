using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Pipelines.Metrics;

namespace Sconce.Pipelines.Tables;

/// <summary>Reads the labels and scores of a model of a table.</summary>
internal sealed class ScoredTable(TableComparisonOptions options)
{
    private const string Probability = "Probability";
    private const string Score = "Score";
    private const string Constant = "constant";

    private string[] _classes = [];

    /// <summary>The number of rows, and the rows that are resampled together.</summary>
    public (int Rows, int[][] Units) UnitsOf(IDataView scored)
    {
        if (options.GroupColumnName is null)
        {
            var rows = Texts(scored, options.LabelColumnName).Count;
            return (rows, [.. Enumerable.Range(0, rows).Select(row => new[] { row })]);
        }

        var groups = Texts(scored, options.GroupColumnName, nameof(TableComparisonOptions.GroupColumnName));
        return (groups.Count, [.. groups.Index().GroupBy(row => row.Item, row => row.Index, StringComparer.Ordinal).Select(group => group.ToArray())]);
    }

    /// <exception cref="InvalidDataException">There is another number of rows, or a column does not fit the task.</exception>
    public ScoredRows Read(string name, IDataView scored, int rows)
    {
        ScoredRows result = options.Task switch
        {
            TableTask.Binary => new BinaryRows([.. Texts(scored, options.LabelColumnName).Select(IsPositive)], Numbers(scored, Probability)),
            TableTask.Regression => new NumberRows(Numbers(scored, options.LabelColumnName), Numbers(scored, Score)),
            TableTask.MultiLabel => new MultiLabelRows(Truths(scored), Vectors(scored, Probability)),
            _ => ReadClasses(scored),
        };
        var count = Texts(scored, options.LabelColumnName).Count;
        return count == rows ? result
            : throw new InvalidDataException($"'{name}' scored {count:N0} rows, but the first model scored {rows:N0}; score the same rows.").About(column: options.LabelColumnName);
    }

    /// <summary>What knows nothing of the features: the share of each class, the mean and the median.</summary>
    public IEnumerable<(string Name, ScoredRows Scores)> Constants(IDataView scored)
    {
        var known = options.TrainingSet ?? scored;
        switch (options.Task)
        {
            case TableTask.Binary:
                bool[] labels = [.. Texts(scored, options.LabelColumnName).Select(IsPositive)];
                return [(Constant, new BinaryRows(labels, Repeat(Texts(known, options.LabelColumnName).Average(label => IsPositive(label) ? 1.0 : 0), labels.Length)))];
            case TableTask.Regression:
                var numbers = Numbers(scored, options.LabelColumnName);
                var learned = Numbers(known, options.LabelColumnName);
                return [("mean", new NumberRows(numbers, Repeat(learned.Average(), numbers.Length))), ("median", new NumberRows(numbers, Repeat(Quantile.Of([.. learned.Order()], 0.5), numbers.Length)))];
            case TableTask.MultiLabel:
                var truths = Truths(scored);
                var knownTruths = Truths(known);
                float[] shares = [.. Enumerable.Range(0, truths[0].Length).Select(label => (float)knownTruths.Average(row => row[label] ? 1.0 : 0))];
                return [(Constant, new MultiLabelRows(truths, Repeat(shares, truths.Length)))];
            default:
                var counts = Texts(known, options.LabelColumnName).CountBy(text => text, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
                float[] priors = [.. _classes.Select(name => counts.GetValueOrDefault(name) / (float)counts.Values.Sum())];
                var classes = ClassesOf(scored);
                return [(Constant, new MulticlassRows(classes, Repeat(priors, classes.Length)))];
        }
    }

    private MulticlassRows ReadClasses(IDataView scored)
    {
        var column = TableColumns.Find(scored.Schema, Score, Score);
        if (!column.HasSlotNames())
            throw new InvalidDataException($"The column '{Score}' of {column.Type} has no slot names, so it is unknown which value belongs to which class; score with a multiclass model.").About(column: Score);
        VBuffer<ReadOnlyMemory<char>> names = default;
        column.GetSlotNames(ref names);
        _classes = [.. names.DenseValues().Select(name => name.ToString())];
        return new(ClassesOf(scored), Vectors(scored, Score));
    }

    private int[] ClassesOf(IDataView scored) => [.. Texts(scored, options.LabelColumnName).Select(text => Array.IndexOf(_classes, text))];

    private bool IsPositive(string text) => options.PositiveClass is { } positive ? text == positive : text == "1" || text.Equals(bool.TrueString, StringComparison.OrdinalIgnoreCase);

    private static T[] Repeat<T>(T value, int count) => [.. Enumerable.Repeat(value, count)];

    private static List<string> Texts(IDataView data, string name, string property = nameof(TableComparisonOptions.LabelColumnName)) =>
        [.. Cells(data, name, property).Select(cell => cell.IsMissing ? "" : cell.Text)];

    private static double[] Numbers(IDataView data, string name)
    {
        if (TableColumns.Find(data.Schema, name, name).Type is var type and not (NumberDataViewType or BooleanDataViewType))
            throw Refuse(name, type, "numbers are");
        double[] numbers = [.. Cells(data, name, name).Select(cell => cell.Number)];
        return Array.FindIndex(numbers, number => !double.IsFinite(number)) is >= 0 and var row
            ? throw new InvalidDataException($"Row {row + 1} of column '{name}' is {numbers[row]}; a finite number is expected.").About(row: row + 1, column: name) : numbers;
    }

    private static float[][] Vectors(IDataView data, string name) =>
        TableColumns.Find(data.Schema, name, name).Type is VectorDataViewType { ItemType: var item } && item == NumberDataViewType.Single
            ? [.. data.GetColumn<float[]>(name)] : throw Refuse(name, data.Schema[name].Type, "a vector of Single is");

    private bool[][] Truths(IDataView data) =>
        TableColumns.Find(data.Schema, options.LabelColumnName, nameof(TableComparisonOptions.LabelColumnName)).Type is VectorDataViewType { ItemType: BooleanDataViewType }
            ? [.. data.GetColumn<bool[]>(options.LabelColumnName)] : throw Refuse(options.LabelColumnName, data.Schema[options.LabelColumnName].Type, "a vector of Boolean is");

    private static IEnumerable<TableCell> Cells(IDataView data, string name, string property)
    {
        var column = TableColumns.Find(data.Schema, name, property);
        using var cursor = data.GetRowCursor([column]);
        var cell = TableCell.Of(cursor, column);
        while (cursor.MoveNext())
        {
            cell.Read();
            yield return cell;
        }
    }

    private static InvalidDataException Refuse(string name, DataViewType type, string expected) =>
        new InvalidDataException($"Column '{name}' has the type {type}; {expected} expected.").About(column: name);
}
