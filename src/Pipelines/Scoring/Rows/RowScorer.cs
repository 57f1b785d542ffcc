using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Pipelines.Scoring;
using Sconce.Pipelines.Scoring.Rows;
using Sconce.Trainers.Model;

namespace Sconce.Pipelines;

/// <summary>
/// Scores rows that are dictionaries or JSON objects, without a class for each schema. It may be used from several threads at once.
/// </summary>
/// <remarks>
/// A row has a value for each column that the model reads; a label may be left out. Numbers of any type are converted: to a floating-point
/// type if they are in its range, rounded to the nearest value; to a whole-number type if they are whole and in its range. A vector is an
/// array, and one of several dimensions may be an array of arrays. A key is given and returned as its value; a value that the model has
/// never seen is a missing key. Dates are <see cref="DateTime"/>, <see cref="DateTimeOffset"/> or ISO 8601 text. A value that is null or
/// left out is missing: NaN, empty text, or a missing key; it is refused if the column's type has no missing value.
/// </remarks>
/// <example>
/// <code>
/// var model = ml.Model.Load("churn.zip", out var schema);
/// using var scorer = ml.Model.CreateRowScorer(model, schema);
/// var result = scorer.Score(new Dictionary&lt;string, object?&gt; { ["Age"] = 41, ["Plan"] = "monthly" });
/// </code>
/// </example>
public sealed class RowScorer : IDisposable
{
    private static readonly JsonDocumentOptions _strict = new() { AllowDuplicateProperties = false };

    private readonly ConcurrentBag<RowLane> _lanes = [];
    private readonly RowPlan _plan;
    private volatile bool _isDisposed;

    internal RowScorer(ITransformer model, DataViewSchema inputSchema, RowScorerOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(inputSchema);
        options.Validate();
        if (!PipelineSteps.ScoreRowsApart(model))
        {
            var steps = string.Join(" -> ", PipelineSteps.Of(model).Select(step => step.GetType().Name));
            throw new NotSupportedException($"The model ({steps}) carries a state from row to row, but rows are scored independently. Use its Transform method.");
        }

        var output = model.GetOutputSchema(inputSchema);
        var columns = options.Columns ?? ScoringPlan.ResultsOf(model, inputSchema, output);
        foreach (var name in columns)
        {
            if (output.GetColumnOrNull(name) is not null)
                continue;
            List<string> made = [.. output.Where(column => !column.IsHidden).Select(column => column.Name)];
            throw new ArgumentException($"The model has no output column '{name}'{NearestName.Question(name, made)}. Its columns are: {string.Join(", ", made)}.", nameof(options))
                .About(property: nameof(RowScorerOptions.Columns), column: name);
        }

        _plan = new(model, inputSchema, PipelineSteps.ColumnsNeeded(model, inputSchema, columns), columns, options);
        Slots = columns.Select(name => (name, Names: ResultReader.SlotNamesOf(output[name]))).Where(column => column.Names is not null)
            .ToDictionary(column => column.name, column => column.Names!, StringComparer.Ordinal);
        // The first lane shows whether all columns can be read.
        _lanes.Add(new RowLane(_plan));
    }

    /// <summary>The names of the columns that a row has to have.</summary>
    public IReadOnlyCollection<string> InputColumns => [.. _plan.Needed];

    /// <summary>The names of the columns of a result, in order.</summary>
    public IReadOnlyList<string> Columns => _plan.Columns;

    /// <summary>The names of the values of those results that are vectors with names, such as the classes of "Score", by the column.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Slots { get; }

    /// <summary>Scores a row.</summary>
    /// <param name="row">The values by the names of the columns.</param>
    /// <returns>
    /// The results by name: numbers, strings, Booleans and dates; arrays of them for vectors; null for a missing key. With
    /// <see cref="RowScorerOptions.NamesSlots"/>, a dictionary for a vector with names.
    /// </returns>
    /// <exception cref="InvalidDataException">A value does not fit, is missing, or has an unknown name; the facts have row and column.</exception>
    /// <exception cref="ObjectDisposedException">The scorer or the model was disposed.</exception>
    public IReadOnlyDictionary<string, object?> Score(IReadOnlyDictionary<string, object?> row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return ScoreAll([row])[0];
    }

    /// <summary>Scores rows, in batches of the network's size.</summary>
    /// <param name="rows">The rows; messages count them from 1.</param>
    /// <returns>The results in the order of the rows.</returns>
    /// <inheritdoc cref="Score(IReadOnlyDictionary{string, object?})" path="/exception"/>
    public IReadOnlyList<IReadOnlyDictionary<string, object?>> Score(IReadOnlyList<IReadOnlyDictionary<string, object?>> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return ScoreAll(rows);
    }

    /// <summary>Scores a JSON object, or an array of objects.</summary>
    /// <param name="json">The text.</param>
    /// <returns>The result as a JSON object, or the results as an array; NaN and infinity are null.</returns>
    /// <exception cref="InvalidDataException">The text is not valid JSON, or one of the reasons of <see cref="Score(IReadOnlyDictionary{string, object?})"/>.</exception>
    /// <exception cref="ObjectDisposedException">The scorer or the model was disposed.</exception>
    public string ScoreJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
            ScoreJson(Encoding.UTF8.GetBytes(json), writer);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <param name="json">The text, in UTF-8.</param>
    /// <param name="writer">Receives the result; nothing is written before all rows are scored.</param>
    /// <inheritdoc cref="ScoreJson(string)"/>
    public void ScoreJson(ReadOnlySpan<byte> json, Utf8JsonWriter writer)
    {
        JsonElement element;
        try
        {
            element = JsonElement.Parse(json, _strict);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"The rows are not valid JSON: {exception.Message.TrimEnd('.')}.", exception).About(line: exception.LineNumber + 1);
        }

        ScoreJson(element, writer);
    }

    /// <param name="json">An object, or an array of objects.</param>
    /// <param name="writer">Receives the result; nothing is written before all rows are scored.</param>
    /// <inheritdoc cref="ScoreJson(string)"/>
    public void ScoreJson(JsonElement json, Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (json.ValueKind == JsonValueKind.Array)
            JsonCells.Write(writer, ScoreAll([.. json.EnumerateArray().Select(JsonCells.ValuesOf)]));
        else
            JsonCells.Write(writer, ScoreAll([JsonCells.ValuesOf(json, 0)])[0]);
    }

    /// <summary>Ends the scoring. The model stays the caller's, unless <see cref="RowScorerOptions.OwnsModel"/> is set.</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        FreeLanes();
        if (_plan.Options.OwnsModel)
            (_plan.Model as IDisposable)?.Dispose();
    }

    private List<Dictionary<string, object?>> ScoreAll(IReadOnlyList<IEnumerable<KeyValuePair<string, object?>>> rows)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (rows.Count == 0)
            return [];
        if (!_lanes.TryTake(out var lane))
            lane = new RowLane(_plan);
        try
        {
            lane.Fill(rows);
        }
        catch
        {
            GiveBack(lane);
            throw;
        }

        List<Dictionary<string, object?>> results;
        try
        {
            results = lane.Score();
        }
        catch (Exception exception)
        {
            lane.Dispose();
            if (!BatchScoring.IsOfRows(exception))
                throw;
            // A step that failed may be left in any state, and counts all rows that its lane has seen. In a new one, its message has the caller's row.
            using var anew = new RowLane(_plan);
            anew.Fill(rows);
            return anew.Score();
        }

        GiveBack(lane);
        return results;
    }

    private void GiveBack(RowLane lane)
    {
        _lanes.Add(lane);
        if (_isDisposed)
            FreeLanes();
    }

    private void FreeLanes()
    {
        while (_lanes.TryTake(out var lane))
            lane.Dispose();
    }
}
