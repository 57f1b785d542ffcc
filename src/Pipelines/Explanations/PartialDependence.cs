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
/// How a model's prediction depends on each column: the mean prediction if all rows had the same value there, and how much the rows differ. A
/// run folder keeps it as <c>dependence.json</c>.
/// </summary>
/// <remarks>
/// Friedman, "Greedy function approximation: a gradient boosting machine", Annals of Statistics 29 (2001); the curves of single rows:
/// Goldstein, Kapelner, Bleich and Pitkin, "Peeking inside the black box", JCGS 24 (2015). Where columns depend on each other, rows are
/// scored that do not occur.
/// </remarks>
public sealed record PartialDependence
{
    /// <summary>The name of the file in a run folder.</summary>
    public const string FileName = RunFolder.DependenceFile;

    /// <summary>The prediction: "Probability", "Score", or the name of a class.</summary>
    public required string Output { get; init; }

    /// <summary>The number of rows that were scored for each value.</summary>
    public required long Rows { get; init; }

    /// <summary>The curve of each column, in the order of the data.</summary>
    public required IReadOnlyList<DependenceCurve> Curves { get; init; }

    /// <summary>Measures a model that is in memory.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="model">Any ML.NET model that scores each row independently.</param>
    /// <param name="data">Data with the columns that the model reads.</param>
    /// <param name="options">Columns, output, points and sample; null for the defaults.</param>
    /// <inheritdoc cref="Of(MLContext, ModelFile, IDataView, PartialDependenceOptions?)" path="/exception"/>
    public static PartialDependence Of(MLContext ml, ITransformer model, IDataView data, PartialDependenceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Of(ml, ModelFile.Of("the model", model, data.Schema), data, options);
    }

    /// <summary>Measures a model. The rows are scored once for each value of each column.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="model">A model that scores each row independently.</param>
    /// <param name="data">Data with the columns that the model reads.</param>
    /// <param name="options">Columns, output, points and sample; null for the defaults.</param>
    /// <exception cref="ArgumentException">The data lacks a column, an option names a column or class that the model does not have, or is out of range.</exception>
    /// <exception cref="InvalidDataException">The data has no rows.</exception>
    /// <exception cref="NotSupportedException">The model keeps state from row to row.</exception>
    /// <exception cref="OperationCanceledException">The operation was canceled.</exception>
    public static PartialDependence Of(MLContext ml, ModelFile model, IDataView data, PartialDependenceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(ml);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        options ??= new();
        options.Validate();
        var explained = new ExplainedModel(model, data);
        var output = PredictedOutput.Of(explained.Output, options.ClassName);
        var names = options.Columns ?? [.. explained.Columns.Where(name => IsSupported(explained, name))];
        foreach (var name in names)
        {
            explained.Require(name, nameof(PartialDependenceOptions.Columns));
            if (!IsSupported(explained, name))
            {
                throw new ArgumentException($"Column '{name}' has the type {explained.Data.Schema[name].Type}; a number, text, a key or a Boolean is expected.", nameof(PartialDependenceOptions.Columns))
                    .About(property: nameof(PartialDependenceOptions.Columns), column: name);
            }
        }

        var rows = explained.Hold(explained.Results, options.MaximumRows, options.Seed);
        return new()
        {
            Output = output.Name,
            Rows = rows.Count,
            Curves = [.. names.Select(name => Curve(explained, output, rows, name, options))],
        };
    }

    /// <summary>Writes <c>dependence.json</c> into a run folder; its report then shows it.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(string runFolder) => AtomicFile.Write(Path.Combine(runFolder, FileName), stream => JsonSerializer.Serialize(stream, this, RunJson.Options));

    /// <summary>Reads the <c>dependence.json</c> of a run folder.</summary>
    /// <returns>Null if there is none.</returns>
    /// <exception cref="InvalidDataException">The file is invalid.</exception>
    public static PartialDependence? Load(string runFolder)
    {
        var path = Path.Combine(runFolder, FileName);
        return File.Exists(path) ? RunJson.Read<PartialDependence>(File.ReadAllBytes(path), RunJson.Options, path, remedy: "Delete it, or measure the dependence again") : null;
    }

    private static bool IsSupported(ExplainedModel model, string name) =>
        ScalarReader.IsNumber(model.Data.Schema[name]) || ScalarReader.IsCategory(model.Data.Schema[name]);

    private static DependenceCurve Curve(ExplainedModel model, PredictedOutput output, HeldRows rows, string name, PartialDependenceOptions options)
    {
        var points = new List<DependencePoint>();
        foreach (var value in DependenceValue.Of(rows, name, options.Points))
        {
            options.CancellationToken.ThrowIfCancellationRequested();
            // Each row gets the value of one that has it, so that values of all types are possible ones.
            var predictions = output.Read(model.Score(rows.With([name], _ => value.Row)));
            predictions.Sort();
            points.Add(new(value.Text, value.Number, predictions.Average(), Quantile(predictions, 0.1), Quantile(predictions, 0.9), value.Rows));
        }

        return new(name, ScalarReader.IsNumber(rows.Schema[name]), points);
    }

    /// <summary>A quantile of sorted values, linear between two of them.</summary>
    private static double Quantile(List<double> sorted, double share)
    {
        var place = share * (sorted.Count - 1);
        var below = (int)place;
        return below + 1 < sorted.Count ? sorted[below] + ((place - below) * (sorted[below + 1] - sorted[below])) : sorted[below];
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}

/// <summary>The dependence on one column.</summary>
/// <param name="Column">Its name.</param>
/// <param name="IsNumber">Whether it holds numbers; otherwise, categories.</param>
/// <param name="Points">Numbers in ascending order, categories from the most frequent one; a missing value comes last.</param>
public sealed record DependenceCurve(string Column, bool IsNumber, IReadOnlyList<DependencePoint> Points)
{
    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}

/// <summary>The prediction if all rows had one value in a column.</summary>
/// <param name="Value">The value as text; empty if it is missing.</param>
/// <param name="Number">The value of a number that is not missing; null otherwise.</param>
/// <param name="Mean">The mean prediction.</param>
/// <param name="Low">The 10 % quantile of the rows' predictions.</param>
/// <param name="High">The 90 % quantile.</param>
/// <param name="Rows">The number of rows that have the value; for a number among many, of those nearest to it.</param>
public sealed record DependencePoint(string Value, double? Number, double Mean, double Low, double High, long Rows)
{
    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}

/// <summary>Options of <see cref="PartialDependence"/>.</summary>
public sealed record PartialDependenceOptions
{
    /// <summary>The columns; null for all numbers, texts, keys and Booleans that the prediction is computed from. Default: null.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>The class whose probability is the prediction; null for the first one of several. Binary classifiers and regressions have none. Default: null.</summary>
    public string? ClassName { get; init; }

    /// <summary>The maximum number of values of a column, at least 2: quantiles of numbers, the most frequent categories. Default: 20.</summary>
    public int Points { get; init; } = 20;

    /// <summary>The maximum number of rows, at least 1; more are sampled. Null for all. Default: 1,000.</summary>
    public int? MaximumRows { get; init; } = 1_000;

    /// <summary>The seed of the sample. Default: 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Ends the work between two scorings.</summary>
    public CancellationToken CancellationToken { get; init; }

    internal void Validate()
    {
        Check.AtLeast(Points, 2, nameof(Points));
        Check.AtLeast(MaximumRows ?? 1, 1, nameof(MaximumRows));
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
