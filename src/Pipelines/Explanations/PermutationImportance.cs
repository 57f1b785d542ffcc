using System.Text.Json;
using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Core.Storage;
using Sconce.Pipelines.Explanations;
using Sconce.Trainers;
using Sconce.Trainers.Persistence;
using Sconce.Trainers.Runs;

namespace Sconce.Pipelines;

/// <summary>
/// How much worse a model becomes if the values of a column are exchanged between rows, so that the column tells nothing. A run folder
/// keeps it as <c>importance.json</c>.
/// </summary>
/// <remarks>
/// Breiman, "Random forests", Machine Learning 45 (2001); Fisher, Rudin and Dominici, "All models are wrong, but many are useful", JMLR 20
/// (2019). Columns are those of the data, before all steps of the model. Columns that tell the same have little importance each; group
/// them.
/// </remarks>
public sealed record PermutationImportance
{
    /// <summary>The name of the file in a run folder.</summary>
    public const string FileName = RunFolder.ImportanceFile;

    /// <summary>The metric: "area under the curve" for a Boolean label, "log-loss" for classes, "root mean squared error" for a number.</summary>
    public required string Metric { get; init; }

    /// <summary>The metric with all columns as they are.</summary>
    public required double Baseline { get; init; }

    /// <summary>The number of rows that were scored.</summary>
    public required long Rows { get; init; }

    /// <summary>How often the values of each column were exchanged.</summary>
    public required int Repeats { get; init; }

    /// <summary>The columns and groups, the most important first.</summary>
    public required IReadOnlyList<ColumnImportance> Columns { get; init; }

    /// <summary>Measures a model that is in memory.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="model">Any ML.NET model that scores each row independently.</param>
    /// <param name="data">Data with the columns that the model reads and its label; best a part that it was not trained on.</param>
    /// <param name="options">Label, groups, repeats and sample; null for the defaults.</param>
    /// <inheritdoc cref="Of(MLContext, ModelFile, IDataView, PermutationImportanceOptions?)" path="/exception"/>
    public static PermutationImportance Of(MLContext ml, ITransformer model, IDataView data, PermutationImportanceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Of(ml, ModelFile.Of("the model", model, data.Schema), data, options);
    }

    /// <summary>Measures a model. It is scored once for each column and repeat.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="model">A model that scores each row independently.</param>
    /// <param name="data">Data with the columns that the model reads and its label; best a part that it was not trained on.</param>
    /// <param name="options">Label, groups, repeats and sample; null for the defaults.</param>
    /// <exception cref="ArgumentException">The data lacks a column or the label, a group names a column that the model does not read, or an option is out of range.</exception>
    /// <exception cref="InvalidDataException">The data has no rows with a label.</exception>
    /// <exception cref="NotSupportedException">The model keeps state from row to row.</exception>
    /// <exception cref="OperationCanceledException">The operation was canceled.</exception>
    public static PermutationImportance Of(MLContext ml, ModelFile model, IDataView data, PermutationImportanceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(ml);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        options ??= new();
        options.Validate();
        var explained = new ExplainedModel(model, data);
        var label = options.LabelColumnName ?? explained.LabelColumnName;
        if (explained.Absent.Contains(label))
            throw NoLabel(label, data.Schema);
        var metric = ScoreMetric.Of(explained.Output, label);
        var rows = explained.Hold([label, .. explained.Results], options.MaximumRows, options.Seed);
        var baseline = metric.Measure(explained.Score(rows));
        if (double.IsNaN(baseline))
            throw new InvalidDataException($"The {metric.Name} cannot be computed: column '{label}' needs rows with a known label, and for a Boolean label some of each value.").About(column: label);

        var orders = Orders(rows.Count, options);
        var columns = new List<ColumnImportance>();
        foreach (var (name, members) in Groups(explained, label, options))
        {
            List<double> drops = [];
            foreach (var order in orders)
            {
                options.CancellationToken.ThrowIfCancellationRequested();
                var permuted = metric.Measure(explained.Score(rows.With(members, row => order[row])));
                drops.Add(metric.IsHigherBetter ? baseline - permuted : permuted - baseline);
            }

            var mean = drops.Average();
            columns.Add(new(name, mean, drops.Count < 2 ? 0 : Math.Sqrt(drops.Sum(drop => (drop - mean) * (drop - mean)) / (drops.Count - 1)), members));
        }

        return new()
        {
            Metric = metric.Name,
            Baseline = baseline,
            Rows = rows.Count,
            Repeats = options.Repeats,
            Columns = [.. columns.OrderByDescending(column => column.Mean)],
        };
    }

    /// <summary>Writes <c>importance.json</c> into a run folder; its report then shows it.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(string runFolder) => AtomicFile.Write(Path.Combine(runFolder, FileName), stream => JsonSerializer.Serialize(stream, this, RunJson.Options));

    /// <summary>Reads the <c>importance.json</c> of a run folder.</summary>
    /// <returns>Null if there is none.</returns>
    /// <exception cref="InvalidDataException">The file is invalid.</exception>
    public static PermutationImportance? Load(string runFolder)
    {
        var path = Path.Combine(runFolder, FileName);
        return File.Exists(path) ? RunJson.Read<PermutationImportance>(File.ReadAllBytes(path), RunJson.Options, path, remedy: "Delete it, or measure the importance again") : null;
    }

    /// <summary>An order of the rows for each repeat, the same for all columns.</summary>
    private static List<int[]> Orders(int rows, PermutationImportanceOptions options)
    {
        var random = new Random(options.Seed);
        return [.. Enumerable.Range(0, options.Repeats).Select(_ =>
        {
            int[] order = [.. Enumerable.Range(0, rows)];
            random.Shuffle(order);
            return order;
        })];
    }

    /// <summary>The columns that are permuted together: the groups, and each other column by itself, except those that the label is made of.</summary>
    private static List<(string Name, IReadOnlyList<string> Members)> Groups(ExplainedModel model, string label, PermutationImportanceOptions options)
    {
        foreach (var name in options.Groups.Values.SelectMany(members => members))
            model.Require(name, nameof(PermutationImportanceOptions.Groups));
        var grouped = options.Groups.Values.SelectMany(members => members).Concat(model.ColumnsFor([label])).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. options.Groups.Select(group => (group.Key, group.Value)),
            .. model.Columns.Where(name => !grouped.Contains(name)).Select(name => (name, (IReadOnlyList<string>)[name])),
        ];
    }

    private static ArgumentException NoLabel(string label, DataViewSchema schema)
    {
        var names = schema.Where(column => !column.IsHidden).Select(column => column.Name).ToList();
        return new ArgumentException($"The data has no label column '{label}'{NearestName.Question(label, names)}. It has: {string.Join(", ", names)}.", nameof(PermutationImportanceOptions.LabelColumnName))
            .About(property: nameof(PermutationImportanceOptions.LabelColumnName), column: label);
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}

/// <summary>The importance of a column, or of columns that are permuted together.</summary>
/// <param name="Name">The name of the column or of the group.</param>
/// <param name="Mean">The mean loss of quality over the repeats, in the metric's unit: positive if the column helps, about 0 if it tells nothing.</param>
/// <param name="Deviation">The standard deviation over the repeats.</param>
/// <param name="Members">The names of the columns.</param>
public sealed record ColumnImportance(string Name, double Mean, double Deviation, IReadOnlyList<string> Members)
{
    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}

/// <summary>Options of <see cref="PermutationImportance"/>.</summary>
public sealed record PermutationImportanceOptions
{
    /// <summary>The column with the labels; null for the one that the model learned, or "Label" for a model of ML.NET. Default: null.</summary>
    public string? LabelColumnName { get; init; }

    /// <summary>Columns that are permuted together, by the name of the group. A column in none is permuted by itself. Default: none.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Groups { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>How often the values of each column are exchanged, at least 1. Default: 5.</summary>
    public int Repeats { get; init; } = 5;

    /// <summary>The maximum number of rows, at least 1; more are sampled. Null for all. Default: 10,000.</summary>
    public int? MaximumRows { get; init; } = 10_000;

    /// <summary>The seed of permutations and sample. Default: 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Ends the work between two scorings.</summary>
    public CancellationToken CancellationToken { get; init; }

    internal void Validate()
    {
        Check.AtLeast(Repeats, 1, nameof(Repeats));
        Check.AtLeast(MaximumRows ?? 1, 1, nameof(MaximumRows));
        foreach (var (name, members) in Groups)
        {
            if (members.Count == 0)
                throw new ArgumentException($"The group '{name}' of {nameof(Groups)} has no columns; at least one is needed.", nameof(Groups));
        }
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
