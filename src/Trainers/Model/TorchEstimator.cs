using System.Diagnostics;
using System.Reflection;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.ML;
using Sconce.Trainers.Columns;
using Sconce.Trainers.Interop;
using Sconce.Trainers.Networks;
using Sconce.Trainers.Persistence;
using Sconce.Trainers.Runs;
using Sconce.Trainers.Telemetry;
using Sconce.Trainers.TensorBoardFiles;
using Sconce.Trainers.Training;
using TorchSharp;

namespace Sconce.Trainers;

/// <summary>
/// Any network as an ML.NET estimator: it binds columns to tensors, runs the training, and returns a
/// <see cref="TorchTransformer"/>. It does not know which network it trains.
/// </summary>
public sealed class TorchEstimator : IEstimator<TorchTransformer>
{
    private readonly MLNetEnvironment _environment;
    private readonly Network _network;
    private readonly TrainingOptions _options;
    private readonly string _featureColumnName;
    private readonly Target _target;

    /// <summary>Several feature columns; null for one.</summary>
    private IReadOnlyList<string>? FeatureColumnNames => (_options as SupervisedOptions)?.FeatureColumnNames;

    internal TorchEstimator(MLNetEnvironment environment, Network network, TrainingOptions options, string featureColumnName, Target target)
    {
        options.Validate();
        network.ValidateAll();
        if (network.Lanes is not null && !target.TakesLanes)
            throw new ArgumentException($"{network.Subject} carries a state from row to row ({nameof(Network.Lanes)}), which this trainer does not support.", nameof(Network.Lanes));
        if (network.IsForeign)
            RoundTrip.Check(network, typeof(Network), "The network");
        if (options.Precision == Precision.BFloat16)
            BFloat16Support.CheckFor(network);
        _environment = environment;
        _network = network;
        _options = options;
        _featureColumnName = featureColumnName;
        _target = target;
    }

    /// <summary>Trains the network.</summary>
    /// <exception cref="ArgumentException">A column is missing or has an unsupported type, the network cannot read rows of that shape, or the previous model does not fit.</exception>
    /// <exception cref="InvalidOperationException">A user's network, module or loss failed; the message names it and its input.</exception>
    /// <exception cref="InvalidDataException">The data has no rows, a missing label, one class only, or a feature that is NaN or infinite; it changed when it was read again; or the run folder has the checkpoints of another training.</exception>
    /// <exception cref="IOException">
    /// The run folder or the TensorBoard folder is in use or cannot be written; or the run folder has an unfinished training and
    /// <see cref="TrainingOptions.Resume"/> is not set.
    /// </exception>
    /// <exception cref="TrainingDivergedException">The training diverged; the exception has the last good model.</exception>
    /// <exception cref="OperationCanceledException">The options' token was canceled.</exception>
    /// <exception cref="DllNotFoundException">libtorch cannot be loaded; the message has the cause and a remedy.</exception>
    public TorchTransformer Fit(IDataView input)
    {
        TorchRuntime.EnsureLoaded();
        using var run = _options.RunFolder is { } path ? RunFolder.Open(path) : null;
        return Fit(input, run);
    }

    /// <summary>Trains the network in a run folder that is already open.</summary>
    internal TorchTransformer Fit(IDataView input, RunFolder? run)
    {
        using var recorder = run is null ? null : new RunRecorder(run, _environment);
        var resumed = run?.FindCheckpoint(_options.Resume, _environment.Warn);
        // A training that an earlier version started is resumed as that version would.
        var begun = resumed?.Header.Fingerprint;
        var isUnscaled = begun?.IsFromBeforeScales == true;
        // That version padded every row to the maximum length, not to the longest row.
        var padded = begun?.InputLength is { } length && length == _network.Limit?.Length ? begun.InputLength : null;
        var options = begun?.HasNoLeastSteps == true ? _options.WithoutRecipeSteps() : _options;
        var clock = Stopwatch.StartNew();
        input = RereadRows.Of(input, "The training data");
        var objective = (isUnscaled ? _target.Unscaled : _target).CreateObjective(input, options.CancellationToken);
        var definition = new ModelDefinition(_network, objective, FeatureColumnNames is { } several
            ? InputParts.FromSchema(input.Schema, several, _network)
            : InputColumn.FromData(input, _featureColumnName, _network, options.CancellationToken, padded));
        var previous = options.PreviousModel is { } model ? PreviousWeights.Find(model) : null;
        if (previous is not null)
            definition = PreviousWeights.Reconcile(previous.Definition, definition);
        var feature = definition.Objective.Constrain(definition.ReadInput.Bind(input.Schema));
        var target = _target.Bind(input.Schema, definition.Objective);
        var seeds = new SeedSequence(options.Seed ?? _environment.Seed ?? begun?.Seed ?? RandomNumberGenerator.GetInt32(int.MaxValue));

        var recorded = JsonSerializer.SerializeToNode(options, options.GetType(), RecordJson.Options)!.AsObject();
        if (isUnscaled)
            recorded.Remove(TrainingFingerprint.ScaleOption);

        // Anything that may fail is created before the training, not after it.
        var record = new TrainingRecord
        {
            Seed = seeds.Seed,
            Threads = torch.get_num_threads(),
            Metric = definition.Objective.MetricName,
            Options = recorded,
            Versions = Versions(),
        };

        using var random = new torch.Generator(seeds.Weights);
        var module = definition.Build(random);
        WeightAverage? average = null;
        try
        {
            (module as ForeignModule)?.Try();
            if (previous is not null)
                PreviousWeights.Copy(previous, definition, module);
            FrozenWeights.Freeze(module, options.FrozenParameters);
            using var lowPrecision = options.Precision == Precision.BFloat16 ? new BFloat16Network(definition, module, random) : null;
            // Reseed, so that the numbers drawn during training do not depend on how many initial weights the network draws.
            random.manual_seed(unchecked((long)seeds.Network));

            var (learned, heldOut) = HeldOutRows.Split(input, options, inOrder: _network.Lanes is not null, seeds.Validation);
            using var rows = OpenRows(learned, feature, target, mayReadShuffled: begun?.ReadsShuffled != false, ref definition);
            record = record with { Rows = rows.Count };
            if (previous is null && module is IRowSurveyor surveyor)
                surveyor.Survey(RowSample.Of(rows, feature));
            average = options.WeightAveraging?.Begin(definition, module);
            var mix = rows is StreamedRows streamed ? new LabelMix(streamed, _environment) : null;
            using var batches = new BatchReader(rows, feature, target, (int)Math.Min(options.BatchSize, rows.Count), mix);
            if (lowPrecision is not null)
                Compare(lowPrecision);
            using var validation = ValidationRows.Open(heldOut, options, definition, _target);
            var checkpointer = run?.CreateCheckpointer(options.Checkpoints, Fingerprint(definition, record, rows, validation), resumed, random, _environment);
            var state = resumed?.Header.State ?? new TrainingState { Seconds = clock.Elapsed.TotalSeconds };
            // The module's own weights, not a copy.
            var session = new TrainingSession(options, new TorchModel(definition, record, average?.Network ?? module), module, state)
            {
                RunFolder = run,
                Average = average,
                LowPrecision = lowPrecision,
                ValidationData = heldOut,
            };
            using var board = TensorBoardWriter.For(session, _environment);
            TrainingCallback?[] callbacks = [recorder, .. options.CreateCallbacks(), average, new LogWriter(_environment), mix, new MetricsPublisher(definition), board, .. options.Callbacks];
            var loop = new TrainingLoop(definition, module, session, validation, [.. callbacks.OfType<TrainingCallback>()]);
            try
            {
                TrainingTelemetry.TraceTraining(state, definition, () => loop.Run(rows, batches, seeds, checkpointer));
                recorder?.Ended(null);
            }
            catch (Exception exception)
            {
                recorder?.Ended(exception);
                if (exception is not OperationCanceledException)
                    board?.Failed();
                if (exception is TrainingDivergedException diverged && loop.LastGood is { Step: { } step } lastGood)
                {
                    lastGood.Restore();
                    diverged.LastGood = Model(module, step);
                    average?.Network.Dispose();
                }

                throw;
            }

            if (average is not null)
                module.Dispose();
            return Model(session.ScoredNetwork, state.Step);

            // Also for a resumed training, which may run on another processor: it is checked with the initial weights, as no checkpoint has
            // been read yet.
            void Compare(BFloat16Network network)
            {
                using var scope = torch.NewDisposeScope();
                rows.BeginEpoch(seeds.Shuffle(1));
                network.Compare(definition.Input.ToNetwork(batches.Read().Features));
            }

            TorchTransformer Model(torch.nn.Module<torch.Tensor, torch.Tensor> network, int steps) => new(new TorchModel(
                definition,
                record with
                {
                    Finished = DateTimeOffset.UtcNow,
                    Steps = steps,
                    Seconds = state.Seconds,
                    StopReason = state.StopReason,
                    BestStep = state.BestStep,
                    History = [.. state.History.Where((_, i) => state.History.Take(i + 1).Sum(epoch => epoch.Steps) <= steps)],
                    Validation = [.. state.Validation.Where(measured => measured.Step <= steps)],
                },
                network));
        }
        catch (Exception exception) when (exception is not TrainingDivergedException { LastGood: not null })
        {
            module.Dispose();
            average?.Network.Dispose();
            throw;
        }
    }

    /// <summary>Continues the training of a model: starts with its weights instead of random ones, as <see cref="TrainingOptions.PreviousModel"/> does.</summary>
    /// <param name="input">The data, which may be new, with the columns and classes that the model was trained on.</param>
    /// <param name="previousModel">The model, whose network has the same layers. It does not change.</param>
    /// <inheritdoc cref="Fit(IDataView)" path="/exception"/>
    public TorchTransformer Fit(IDataView input, TorchTransformer previousModel) =>
        new TorchEstimator(_environment, _network, _options with { PreviousModel = previousModel }, _featureColumnName, _target).Fit(input);

    /// <summary>Checks the columns against the shape of a schema, and adds the columns of the scores.</summary>
    /// <exception cref="ArgumentException">A column is missing or has an unsupported type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        if (FeatureColumnNames is { } several)
            InputParts.CheckShape(inputSchema, several);
        else
            InputColumn.CheckShape(inputSchema, _featureColumnName, _network);
        var columns = inputSchema.ToDictionary(column => column.Name);
        foreach (var column in _target.OutputShape(inputSchema))
            columns[column.Name] = column;
        return new SchemaShape(columns.Values);
    }

    /// <summary>Reads the training rows for the first time, and completes the objective with what they show.</summary>
    private TrainingRows OpenRows(IDataView input, ColumnBinding feature, ColumnBinding target, bool mayReadShuffled, ref ModelDefinition definition)
    {
        var targets = definition.Objective.CreateTargetObserver();
        var rows = TrainingRows.Open(input, feature, target, _options.MemoryBudget, targets.Observe, _options.CancellationToken, mayReadShuffled: mayReadShuffled, order: _network.Lanes is { } lanes ? new LaneOrder(_options.BatchSize, lanes.Stride) : null);
        definition = definition with { Objective = targets.Complete(definition.Objective) };
        return rows;
    }

    private static TrainingFingerprint Fingerprint(ModelDefinition definition, TrainingRecord record, TrainingRows rows, ValidationRows? validation) => new()
    {
        Definition = definition.ToJson(),
        Options = record.Options!,
        Seed = record.Seed,
        Rows = rows.Count,
        Data = rows.Fingerprint,
        ReadsShuffled = rows.ReadsShuffled,
        Validation = validation?.Fingerprint,
        Machine = TrainingFingerprint.MachineOf(record),
    };

    private static Dictionary<string, string> Versions() => new()
    {
        ["Sconce.Trainers"] = Version(typeof(TorchEstimator)),
        ["Microsoft.ML"] = Version(typeof(MLContext)),
        ["TorchSharp"] = Version(typeof(torch)),
        [".NET"] = Environment.Version.ToString(),
    };

    private static string Version(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? type.Assembly.GetName().Version!.ToString();
}
