using System.Globalization;
using Microsoft.ML;
using Sconce.Trainers.Forecasts;
using Sconce.Trainers.Interop;

namespace Sconce.Trainers;

/// <summary>
/// Trains a network that forecasts series: on all but the last windows of each series, which then calibrate the bounds; and
/// again on all windows.
/// </summary>
public sealed class ForecastEstimator : IEstimator<ForecastTransformer>
{
    /// <summary>The maximum number of rows that a model keeps of a series.</summary>
    private const int MostKept = 10_000;

    /// <summary>The folder, within the run folder, of the training that calibrates the bounds.</summary>
    private const string BoundsFolder = "bounds";

    private readonly MLNetEnvironment _environment;
    private readonly RecurrentForecast.Options _options;

    internal ForecastEstimator(MLNetEnvironment environment, RecurrentForecast.Options options)
    {
        options.Validate();
        (_environment, _options) = (environment, options);
    }

    /// <summary>Trains the network. A <see cref="TrainingOptions.ValidationSet"/> has the rows that follow those of <paramref name="input"/>.</summary>
    /// <remarks>If there are two trainings, the <see cref="TrainingOptions.RunFolder"/> is that of the second; the first keeps its checkpoints in the folder <c>bounds</c> within it.</remarks>
    /// <exception cref="ArgumentException">A column is missing or has a type that cannot be used; or the previous model does not fit.</exception>
    /// <exception cref="InvalidDataException">A date is missing, repeated or out of order, a value is missing, or a series is too short; or the run folder has the checkpoints of another training.</exception>
    /// <exception cref="IOException">The run folder is in use or cannot be written, or has an unfinished training that is not to be resumed.</exception>
    /// <exception cref="TrainingDivergedException">The training diverged; the exception has the last good forecaster, without bounds if they were not calibrated yet.</exception>
    /// <exception cref="OperationCanceledException">The training was canceled.</exception>
    /// <exception cref="DllNotFoundException">libtorch cannot be loaded; the message names cause and remedy.</exception>
    public ForecastTransformer Fit(IDataView input)
    {
        TorchRuntime.EnsureLoaded();
        // Open and lock both folders before the data is read, and until the end.
        using var run = _options.RunFolder is { } path ? RunFolder.Open(path) : null;
        using var bounds = run is not null && (_options.Retrain || Directory.Exists(run.PathOf(BoundsFolder))) ? RunFolder.Open(run.PathOf(BoundsFolder)) : null;
        if (run is not null && !_options.Resume)
        {
            run.RefuseUnfinished(run);
            bounds?.RefuseUnfinished(run);
        }

        var series = SeriesReader.Read(input, _options.Columns, [.. _options.Columns.Numbers], _options.CancellationToken).Series;
        foreach (var rows in series)
            ForecastSplit.Of(_options, rows.Name, rows.Count);
        var frequency = _options.DateColumnName is null ? null : SeriesFrequency.Find(series)!;
        foreach (var rows in series)
        {
            if (frequency is not null)
                rows.Complete(frequency, _options.DateColumnName!);
            rows.Fill(_options.MissingValues, [.. _options.Columns.Numbers]);
        }

        if (FilledValues.Of(series) is { Count: > 0 } filled)
            _environment.Log($"{filled} Bounds and errors are measured without them.");
        var splits = series.Select(rows => ForecastSplit.Of(_options, rows.Name, rows.Count)).ToList();

        var definition = Define(series, splits, frequency);
        var encoded = series.Select(rows => EncodedSeries.Of(definition, rows, 0)).ToList();
        var learned = encoded.SelectMany((one, i) => Origins(one, _options.WindowSize, splits[i].Learned)).ToList();
        var calibrated = encoded.SelectMany((one, i) => Origins(one, _options.WindowSize + splits[i].FirstHeldOut, splits[i].HeldOut)).ToList();
        var all = encoded.SelectMany(one => Origins(one, _options.WindowSize, one.Count - _options.WindowSize - _options.Horizon + 1)).ToList();
        CheckBounds(Enumerable.Range(0, _options.Horizon).Min(step => calibrated.Count(window => window.Series.IsGiven(window.Origin + step))), all.Count);
        var kept = Math.Max(_options.WindowSize, Math.Min(MostKept, (frequency?.StepsInYear ?? 0) + 1));
        return Train(definition, new(definition, learned), calibrated, new(definition, all), Validation(definition, series), run, bounds, (model, intervals) =>
            new ForecastTransformer(new Forecaster(definition, model, intervals), [.. series.Select(rows => rows.Slice(Math.Max(0, rows.Count - kept), Math.Min(rows.Count, kept)))], kept));
    }

    /// <summary>Continues the training of a forecaster: starts with its weights instead of random ones, as <see cref="TrainingOptions.PreviousModel"/> does.</summary>
    /// <remarks>
    /// Known series and covariates keep their scales, and the holidays stay the same: before the first step, forecasts are those of the earlier model. Bounds are
    /// calibrated on the last windows of <paramref name="input"/>: if the earlier training included those, they are too narrow.
    /// </remarks>
    /// <param name="input">The data, which may be new and of other series. Columns, window, horizon and calendar have to be those of the model.</param>
    /// <param name="previousModel">The forecaster, whose network has the same layers. It is not changed.</param>
    /// <inheritdoc cref="Fit(IDataView)" path="/exception"/>
    public ForecastTransformer Fit(IDataView input, ForecastTransformer previousModel) => new ForecastEstimator(_environment, _options with { PreviousModel = previousModel }).Fit(input);

    /// <summary>Checks the columns against the shape of a schema, and adds the columns of forecasts and bounds.</summary>
    /// <exception cref="ArgumentException">A column is missing or has a type that cannot be used.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        SeriesReader.CheckShape(inputSchema, _options.Columns);
        var columns = inputSchema.ToDictionary(column => column.Name);
        foreach (var name in _options.Columns.Written)
            columns[name] = ScoreAnnotations.PlainShape(name, SchemaShape.Column.VectorKind.Vector, columns[_options.InputColumnName].ItemType);
        return new SchemaShape(columns.Values);
    }

    /// <summary>Trains, calibrates the bounds, and trains again on all windows if the options say so.</summary>
    private ForecastTransformer Train(
        ForecastDefinition definition, ForecastWindows learned, List<(EncodedSeries, int)> calibrated, ForecastWindows all, ForecastWindows? validation, RunFolder? run, RunFolder? bounds, Func<TorchModel, ForecastIntervals, ForecastTransformer> make)
    {
        // Neither folder may hold an unfinished training.
        if (!_options.Resume)
            bounds?.Clear();
        var watched = _options with { ValidationSet = validation };
        var none = ForecastIntervals.None(definition.Horizon);
        if (calibrated.Count == 0 || !_options.Retrain)
        {
            var only = Train(definition, learned, watched, run, model => make(model, none));
            try
            {
                return make(only, calibrated.Count == 0 ? none : Calibrate(only));
            }
            catch
            {
                only.Dispose();
                throw;
            }
        }

        if (!_options.Resume)
        {
            run?.TellOfReplacement(_environment.Warn);
            run?.Clear();
        }

        var (first, second) = (TrainingStage.Count(_options, learned), TrainingStage.Count(_options, all));
        var intervals = none;
        int seed;
        using (var model = Train(definition, learned, Bare(watched) with { Progress = Stage((0, 0), second) }, bounds, model => make(model, none), "This was the first of two trainings, which calibrates the bounds; the step number counts within it."))
        {
            intervals = Calibrate(model);
            // The seed may have been drawn at random; the first training's checkpoint has it.
            seed = model.Training.Seed;
        }

        return make(Train(definition, all, watched with { Progress = Stage(first, (0, 0)), Seed = seed }, run, model => make(model, intervals), "This was the second of two trainings, and the step number counts within it; the first one had calibrated the bounds."), intervals);

        ForecastIntervals Calibrate(TorchModel model) => Forecaster.Calibrate(definition, model, calibrated);

        TrainingStage? Stage((int, int) before, (int, int) after) => _options.Progress is { } progress ? new TrainingStage(progress, before, after) : null;
    }

    /// <summary>The options of the training that calibrates the bounds: without callbacks, and with early stopping only if it has validation data of its own.</summary>
    private static RecurrentForecast.Options Bare(RecurrentForecast.Options options) => options with
    {
        ValidationSet = null,
        EarlyStopping = options.ValidationFraction is null ? null : options.EarlyStopping,
        Callbacks = [],
        Progress = null,
        TensorBoard = null,
    };

    /// <param name="definition">How windows are encoded.</param>
    /// <param name="windows">The windows.</param>
    /// <param name="options">The options of the training.</param>
    /// <param name="run">The run folder; null for none.</param>
    /// <param name="make">Creates a forecaster from the last good network.</param>
    /// <param name="stage">Which training diverged, if there are two.</param>
    private TorchModel Train(ForecastDefinition definition, ForecastWindows windows, RecurrentForecast.Options options, RunFolder? run, Func<TorchModel, ForecastTransformer> make, string? stage = null)
    {
        var network = options.Network with { PastCovariates = options.PastCovariates.Count, SeasonLength = SeasonOf(options.Network.SeasonLength, definition.Frequency) };
        try
        {
            return new TorchEstimator(_environment, network, options, ForecastWindows.ColumnName, new ForecastTarget(definition.Horizon)).Fit(windows, run).Model;
        }
        catch (TrainingDivergedException diverged)
        {
            throw new TrainingDivergedException(stage is null ? diverged.Message : $"{diverged.Message} {stage}", diverged) { LastGood = diverged.LastGood is TorchTransformer lastGood ? make(lastGood.Model) : null };
        }
    }

    /// <summary>Throws before the training if the columns of bounds would be empty.</summary>
    private void CheckBounds(int calibrated, int windows)
    {
        var least = ForecastIntervals.LeastWindows(_options.ConfidenceLevel);
        if ((_options.ConfidenceLowerBoundColumn ?? _options.ConfidenceUpperBoundColumn) is { } column && calibrated < least)
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"The column '{column}' needs bounds of {nameof(_options.ConfidenceLevel)} = {_options.ConfidenceLevel}, for which at least {least} windows have to be held out; {nameof(_options.CalibrationFraction)} = {_options.CalibrationFraction} of {windows} windows is {calibrated}. Choose a larger fraction, a lower level or a longer series, or leave out the columns of bounds."));
    }

    /// <summary>A week has fewer rows if some days of the week never have any.</summary>
    private static int? SeasonOf(int? season, SeriesFrequency? frequency) => season == Weekdays.All.PerWeek() && frequency is { LeavesOutWeekdays: true } ? frequency.Weekdays.PerWeek() : season;

    private static IEnumerable<(EncodedSeries Series, int Origin)> Origins(EncodedSeries series, int first, int count) => Enumerable.Range(first, count).Select(origin => (series, origin));

    /// <summary>Computes scales and holidays from the rows of the training windows only.</summary>
    private ForecastDefinition Define(IReadOnlyList<SeriesRows> series, IReadOnlyList<ForecastSplit> splits, SeriesFrequency? frequency)
    {
        var counts = splits.Select(split => split.Learned - 1 + _options.WindowSize + _options.Horizon).ToList();
        var names = _options.Columns.Numbers.ToList();
        var definition = new ForecastDefinition(
            _options.Columns, _options.WindowSize, _options.Horizon, _options.ConfidenceLevel, _options.MissingValues,
            frequency is null ? null : _options.Calendar.SeenIn([.. series.SelectMany((rows, i) => rows.Dates!.Take(counts[i])).Select(DateOnly.FromDateTime)]),
            frequency,
            [.. series.Select((rows, i) => NamedScale.Of(rows.Name, rows.Values.Take(counts[i])))],
            [.. Enumerable.Range(1, names.Count - 1).Select(column => NamedScale.Of(names[column], series.SelectMany((rows, i) => rows.Numbers[column].Take(counts[i]))))]);
        definition = definition with { Minimum = _options.Minimum, Maximum = _options.Maximum, Zone = series[0].Zone };
        return _options.PreviousModel is { } previous ? PreviousForecaster.Reconcile(PreviousForecaster.Find(previous), definition) : definition;
    }

    /// <summary>The windows whose future values are all in the validation data.</summary>
    private ForecastWindows? Validation(ForecastDefinition definition, IReadOnlyList<SeriesRows> series)
    {
        if (_options.ValidationSet is not { } data)
            return null;
        var origins = new List<(EncodedSeries, int)>();
        foreach (var next in definition.Read(data, cancellation: _options.CancellationToken).Series)
        {
            definition.ScaleOf(next.Name);
            var before = series.First(rows => rows.Name == next.Name);
            var whole = definition.Continue(before, next);
            origins.AddRange(Origins(EncodedSeries.Of(definition, whole, 0), before.Count, Math.Max(0, whole.Count - before.Count - definition.Horizon + 1)));
        }

        return origins.Count > 0 ? new ForecastWindows(definition, origins)
            : throw new InvalidDataException($"{nameof(_options.ValidationSet)} has fewer rows than the horizon, {definition.Horizon}; give at least as many.");
    }
}
