using System.Globalization;
using Microsoft.ML;
using Sconce.Trainers.Forecasts;
using Sconce.Trainers.Interop;

namespace Sconce.Trainers;

/// <summary>
/// Trains a network that forecasts series. Each series' windows but the last are learned from; the last ones, of which no
/// value to come was seen before, tell how wide the bounds have to be. Then a network is trained on all of them.
/// </summary>
public sealed class ForecastEstimator : IEstimator<ForecastTransformer>
{
    /// <summary>More rows than a model needs to show a year by.</summary>
    private const int MostKept = 10_000;

    /// <summary>The folder, within the run's, of the training that only finds the bounds.</summary>
    private const string BoundsFolder = "bounds";

    private readonly MLNetEnvironment _environment;
    private readonly RecurrentForecast.Options _options;

    internal ForecastEstimator(MLNetEnvironment environment, RecurrentForecast.Options options)
    {
        options.Validate();
        (_environment, _options) = (environment, options);
    }

    /// <summary>Trains the network. A <see cref="TrainingOptions.ValidationSet"/> has the rows that follow those of <paramref name="input"/>.</summary>
    /// <remarks>A <see cref="TrainingOptions.RunFolder"/> is the second training's, where there are two; the first one keeps what it can be resumed from in the folder <c>bounds</c> within it.</remarks>
    /// <exception cref="ArgumentException">A column is missing or has a type that cannot be used; or the previous model does not fit.</exception>
    /// <exception cref="InvalidDataException">A date is missing, given twice or out of order, a value is missing, or a series is too short; or the run folder has the checkpoints of another training.</exception>
    /// <exception cref="IOException">The run folder is in use or cannot be written, or has an unfinished training that is not to be resumed.</exception>
    /// <exception cref="TrainingDivergedException">The training diverged; the exception has the forecaster as it last was good, without bounds where they had not been found yet.</exception>
    /// <exception cref="OperationCanceledException">The options' token asked for it.</exception>
    /// <exception cref="DllNotFoundException">libtorch cannot be loaded; the message names cause and remedy.</exception>
    public ForecastTransformer Fit(IDataView input)
    {
        TorchRuntime.EnsureLoaded();
        // Before the data is read, and both until the end.
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

    /// <summary>Goes on with the training of a forecaster: begins with its weights in place of random ones, as <see cref="TrainingOptions.PreviousModel"/> does.</summary>
    /// <remarks>
    /// Series and covariates that it knows keep their scales, and its holidays stay those that are told: before the first step it forecasts as it did. Bounds are
    /// measured on the last windows of <paramref name="input"/>: where the earlier training has learned from those, they come out too narrow.
    /// </remarks>
    /// <param name="input">The data, which may be new and of other series; columns, window, horizon and calendar have to be those that the model was trained with.</param>
    /// <param name="previousModel">The forecaster, of a network with the same layers. It stays as it is.</param>
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

    /// <summary>Trains on what is learned from, finds the bounds on what calibrates, and trains again on all of it, where that is asked for.</summary>
    private ForecastTransformer Train(
        ForecastDefinition definition, ForecastWindows learned, List<(EncodedSeries, int)> calibrated, ForecastWindows all, ForecastWindows? validation, RunFolder? run, RunFolder? bounds, Func<TorchModel, ForecastIntervals, ForecastTransformer> make)
    {
        // What an earlier run left of either training is none that this one could be resumed from.
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
        using (var model = Train(definition, learned, Bare(watched) with { Progress = Stage((0, 0), second) }, bounds, model => make(model, none), "This was the first of two trainings, that which finds the bounds; the step is its own."))
        {
            intervals = Calibrate(model);
            // One that was drawn, and is in the first training's checkpoint.
            seed = model.Training.Seed;
        }

        return make(Train(definition, all, watched with { Progress = Stage(first, (0, 0)), Seed = seed }, run, model => make(model, intervals), "This was the second of two trainings, and the step is its own; the first one had found the bounds."), intervals);

        ForecastIntervals Calibrate(TorchModel model) => Forecaster.Calibrate(definition, model, calibrated);

        TrainingStage? Stage((int, int) before, (int, int) after) => _options.Progress is { } progress ? new TrainingStage(progress, before, after) : null;
    }

    /// <summary>Without what watches a run: the training that only finds the bounds is none. It stops early where it has rows of its own to be measured on.</summary>
    private static RecurrentForecast.Options Bare(RecurrentForecast.Options options) => options with
    {
        ValidationSet = null,
        EarlyStopping = options.ValidationFraction is null ? null : options.EarlyStopping,
        Callbacks = [],
        Progress = null,
        TensorBoard = null,
    };

    /// <param name="definition">How windows are made.</param>
    /// <param name="windows">The windows.</param>
    /// <param name="options">How they are learned.</param>
    /// <param name="run">Where the training keeps its record; null for nowhere.</param>
    /// <param name="make">Makes a forecaster of the network as it last was good.</param>
    /// <param name="stage">What is said of a training that diverges, where there are two.</param>
    private TorchModel Train(ForecastDefinition definition, ForecastWindows windows, RecurrentForecast.Options options, RunFolder? run, Func<TorchModel, ForecastTransformer> make, string? stage = null)
    {
        var network = options.Network with { PastCovariates = options.PastCovariates.Count, Seasonality = SeasonOf(options.Network.Seasonality, definition.Frequency) };
        try
        {
            return new TorchEstimator(_environment, network, options, ForecastWindows.ColumnName, new ForecastTarget(definition.Horizon)).Fit(windows, run).Model;
        }
        catch (TrainingDivergedException diverged)
        {
            throw new TrainingDivergedException(stage is null ? diverged.Message : $"{diverged.Message} {stage}", diverged) { LastGood = diverged.LastGood is TorchTransformer lastGood ? make(lastGood.Model) : null };
        }
    }

    /// <summary>Columns of bounds that would be empty are refused before the training.</summary>
    private void CheckBounds(int calibrated, int windows)
    {
        var least = ForecastIntervals.LeastWindows(_options.ConfidenceLevel);
        if ((_options.ConfidenceLowerBoundColumn ?? _options.ConfidenceUpperBoundColumn) is { } column && calibrated < least)
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"The column '{column}' is to hold bounds of {nameof(_options.ConfidenceLevel)} = {_options.ConfidenceLevel}, for which at least {least} windows have to be held out; {nameof(_options.CalibrationShare)} = {_options.CalibrationShare} of {windows} windows is {calibrated}. Choose a greater share or a lower level, give a longer series, or ask for no column of bounds."));
    }

    /// <summary>A week of days has fewer rows where days are left out.</summary>
    private static int? SeasonOf(int? season, SeriesFrequency? frequency) => season == Weekdays.All.PerWeek() && frequency is { LeavesOutWeekdays: true } ? frequency.Weekdays.PerWeek() : season;

    private static IEnumerable<(EncodedSeries Series, int Origin)> Origins(EncodedSeries series, int first, int count) => Enumerable.Range(first, count).Select(origin => (series, origin));

    /// <summary>Takes scales and holidays from the rows of the windows that are learned from, alone.</summary>
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

    /// <summary>The windows of which all values to come are among the validation set's rows.</summary>
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
