using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Trainers.Forecasts;
using Sconce.Trainers.Model;

namespace Sconce.Trainers;

/// <summary>Continues the series of a model: it forecasts, takes new rows without training again, and saves the model with them. The model itself is not changed.</summary>
/// <remarks>It is not thread-safe. It is the counterpart of ML.NET's <c>TimeSeriesPredictionEngine</c>, for several series.</remarks>
public sealed class ForecastEngine
{
    /// <summary>The maximum number of steps: recursive forecasts are meaningless long before that.</summary>
    private const int MostSteps = 100_000;

    private readonly List<ITransformer> _steps;
    private readonly int _place;
    private readonly ForecastTransformer _model;
    private readonly Dictionary<string, SeriesRows> _states;
    private DataViewSchema? _inputSchema;

    internal ForecastEngine(ITransformer model, DataViewSchema? inputSchema)
    {
        _inputSchema = inputSchema;
        _steps = [.. PipelineSteps.Of(model)];
        _place = _steps.FindIndex(step => step is ForecastTransformer);
        _model = _place >= 0 ? (ForecastTransformer)_steps[_place]
            : throw new ArgumentException($"The model does not forecast: it has no {nameof(ForecastTransformer)}. ml.Forecasting.ForecastByRecurrentNetwork trains one.", nameof(model));
        _states = _model.States.ToDictionary(rows => rows.Name, StringComparer.Ordinal);
    }

    /// <summary>The names of the series; a single empty name if there is only one series.</summary>
    public IReadOnlyList<string> Series => _model.Series;

    /// <summary>Forecasts the next values of a series.</summary>
    /// <param name="horizon">The number of steps, from 1 to 100,000; null for the trained horizon. Beyond that, steps are forecast recursively from earlier forecasts, past covariates keep their last values, and bounds are estimates.</param>
    /// <param name="confidenceLevel">The confidence level of the bounds, in (0, 1); null for that of the options.</param>
    /// <param name="series">The name of the series; null if there is only one.</param>
    /// <param name="future">The future covariates, a row for each step; null if the model has none. Rows of other series are ignored.</param>
    /// <exception cref="ArgumentException">A number is invalid, there is no such series, several series need a name, or a column is missing.</exception>
    /// <exception cref="InvalidDataException">Future covariates are missing for a step.</exception>
    public SeriesForecast Predict(int? horizon = null, double? confidenceLevel = null, string? series = null, IDataView? future = null)
    {
        var definition = _model.Forecaster.Definition;
        var steps = horizon ?? definition.Horizon;
        Check.AtLeast(steps, 1, nameof(horizon));
        Check.AtMost(steps, Math.Max(MostSteps, definition.Horizon), nameof(horizon));
        var level = confidenceLevel ?? definition.ConfidenceLevel;
        Check.Between(level, 0, 1, nameof(confidenceLevel));
        var rows = Find(series);
        var known = definition.HasFutureCovariates ? ReadKnown(rows, steps, future) : null;
        var encoded = EncodedSeries.Of(definition, rows, _model.Forecaster.StepsAhead(steps), known);
        return _model.Forecaster.Describe(rows.Name, rows.Dates?[^1], _model.Forecaster.Forecast([(encoded, encoded.Count)], steps)[0], level);
    }

    /// <summary>The newest values of a series: at least a window, or a year if there are dates.</summary>
    /// <exception cref="ArgumentException">There is no such series, or several series need a name.</exception>
    public SeriesHistory History(string? series = null)
    {
        var rows = Find(series);
        return new SeriesHistory(rows.Name, rows.Dates?.ToArray(), [.. rows.Values]);
    }

    /// <summary>Appends new rows to the series. If one is refused, none is appended.</summary>
    /// <param name="rows">The next rows, in order of time, with the columns of the training data.</param>
    /// <exception cref="ArgumentException">A column is missing or has a type that cannot be used.</exception>
    /// <exception cref="InvalidDataException">A series is unknown, does not start with the next date, misses or repeats a date, or lacks a value.</exception>
    public void Update(IDataView rows)
    {
        var definition = _model.Forecaster.Definition;
        var continued = definition.Read(Prepare(rows)).Series.Select(next =>
        {
            definition.ScaleOf(next.Name);
            return definition.Continue(_states[next.Name], next);
        }).ToList();
        foreach (var whole in continued)
            _states[whole.Name] = whole.Slice(Math.Max(0, whole.Count - _model.Kept), Math.Min(whole.Count, _model.Kept));
        _inputSchema ??= rows.Schema;
    }

    /// <summary>Saves the model with the current series atomically, for <c>mlContext.Model.Load</c>. Its schema is the one that the engine was created with, or else that of the first rows that it got.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="path">The zip to write; the one that the model came from may be overwritten.</param>
    /// <exception cref="IOException">The file cannot be written; the message names it and the reason.</exception>
    public void CheckPoint(MLContext ml, string path)
    {
        var forecaster = new ForecastTransformer(_model.Forecaster, [.. Series.Select(name => _states[name])], _model.Kept);
        ITransformer[] steps = [.. _steps.Select((step, i) => i == _place ? forecaster : step)];
        ml.Model.SaveAtomically(steps is [var only] ? only : new Microsoft.ML.Data.TransformerChain<ITransformer>(steps), _inputSchema, path);
    }

    private IDataView Prepare(IDataView rows) => _steps.Take(_place).Aggregate(rows, (data, step) => step.Transform(data));

    private SeriesRows Find(string? series)
    {
        var name = series ?? (_states.Count == 1 ? Series[0] : throw new ArgumentException($"The model has {_states.Count} series; pass the name of one: {Listed()}.", nameof(series)));
        return _states.TryGetValue(name, out var rows) ? rows : throw new ArgumentException($"The model has no series '{name}'; it has {Listed()}.", nameof(series));
    }

    private string Listed() => string.Join(", ", Series.Take(10).Select(name => $"'{name}'")) + (Series.Count > 10 ? ", ..." : "");

    /// <summary>Reads the future covariates of the next steps.</summary>
    private List<double>[] ReadKnown(SeriesRows rows, int steps, IDataView? future)
    {
        var columns = _model.Columns;
        var names = columns.FutureCovariates;
        if (future is null)
            throw new ArgumentException($"The model forecasts from {string.Join(", ", names.Select(name => $"'{name}'"))}, whose future values it needs; pass rows with {(names.Count == 1 ? "it" : "them")} for the next {steps} steps.", nameof(future));
        var next = _model.Forecaster.Definition.Read(Prepare(future), names).Series.FirstOrDefault(one => one.Name == rows.Name);
        if (next is null || next.Count < steps)
            throw new InvalidDataException($"The number of rows with future covariates is {next?.Count ?? 0}{(rows.Name.Length == 0 ? "" : $" for series '{rows.Name}'")}; {steps} are needed, one for each step.");
        if (next.Dates is { } dates && !_model.Frequency!.Follows(rows.Dates![^1], dates[0]))
            throw new InvalidDataException($"The rows with future covariates start with {SeriesRows.Text(dates[0])}; {SeriesRows.Text(_model.Frequency.After(rows.Dates[^1]))} is expected, the step after the series' last date.");
        if (_model.Frequency is { } frequency)
            next.CheckSteps(frequency, columns.Date!);
        next.Fill(MissingValues.Refuse, names);
        return next.Numbers;
    }
}
