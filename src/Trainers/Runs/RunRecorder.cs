using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sconce.Core.Errors;
using Sconce.Core.Storage;
using Sconce.Trainers.Interop;
using Sconce.Trainers.Persistence;
using Sconce.Trainers.Training;

namespace Sconce.Trainers.Runs;

/// <summary>Writes a run folder's <c>run.json</c> and <c>metrics.jsonl</c>. If they cannot be written, for example because the disk is full, a warning says so once and the training continues.</summary>
internal sealed class RunRecorder(RunFolder folder, MLNetEnvironment environment) : TrainingCallback, IDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(1);

    private readonly Stopwatch _sinceLine = new();
    private WholeLines? _metrics;
    private TrainingSession? _session;
    private RunInfo? _info;
    private UnwrittenSteps _unwritten = new();
    private bool _warned;

    public override void TrainingBegan(TrainingSession session)
    {
        var earlier = session.Step > 0 ? ReadEarlier() : null;
        if (session.Step == 0)
            folder.Clear();
        var training = session.Model.Model.Training;
        _session = session;
        _info = new RunInfo(training)
        {
            Name = folder.Name,
            Started = earlier?.Started ?? DateTimeOffset.UtcNow,
            Command = string.Join(' ', Environment.GetCommandLineArgs()),
            Network = session.Definition.ToJson(),
            Parameters = session.Model.Model.NumberOfParameters,
        };
        folder.Write(_info);
        // Unbuffered: written data survives if this process is killed.
        _metrics = new WholeLines(new FileStream(folder.PathOf(RunFolder.MetricsFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0));
        _unwritten = UnwrittenSteps.After(session.State);
        _sinceLine.Restart();
    }

    public override void StepEnded(TrainingProgress progress, TrainingSession session)
    {
        _unwritten.Sums.Add(1, progress.Loss, progress.Metric);
        (_unwritten.Epoch, _unwritten.GradientNorm) = (progress.Epoch, progress.GradientNorm);
        if (_sinceLine.Elapsed >= _interval)
            WriteSteps(session);
    }

    public override void Validated(ValidationSummary summary, TrainingSession session) =>
        Write(new RunMetric { Split = RunMetric.Validation, Step = summary.Step, Loss = summary.Loss, Metric = summary.Metric, Seconds = summary.Seconds });

    public override void EpochEnded(EpochSummary summary, TrainingSession session)
    {
        if (_unwritten.Sums.Steps > 0)
            WriteSteps(session);
        Write(new RunMetric
        {
            Split = RunMetric.WholeEpoch,
            Step = session.Step,
            Epoch = summary.Epoch,
            Steps = summary.Steps,
            Loss = summary.Loss,
            Metric = summary.Metric,
            Seconds = summary.Seconds,
            SamplesPerSecond = summary.SamplesPerSecond,
        });
    }

    /// <summary>Takes only the start time from the earlier record, so that a damaged one can be replaced.</summary>
    private RunInfo? ReadEarlier()
    {
        try
        {
            return RunFolder.ReadInfo(folder.Path);
        }
        catch (InvalidDataException exception)
        {
            environment.Warn($"The description of the run is replaced: {exception.Message}");
            return null;
        }
    }

    /// <summary>Records how the training ended: successfully, or with an exception.</summary>
    public void Ended(Exception? exception)
    {
        if (_session is null || _info is null)
            return;
        var state = _session.State;
        _info = _info with
        {
            Status = exception is null ? RunStatus.Finished : exception is OperationCanceledException ? RunStatus.Stopped : RunStatus.Failed,
            StopReason = exception is null ? state.StopReason : exception is OperationCanceledException ? "canceled" : exception.Message,
            Finished = DateTimeOffset.UtcNow,
            Steps = state.Step,
            Seconds = state.Seconds,
            SamplesPerSecond = state.Seconds > 0 ? state.Samples / state.Seconds : 0,
        };
        Try(() => folder.Write(_info));
    }

    /// <summary>The length of the metrics file, beyond which a killed process may have written, and the steps of the next line.</summary>
    public override JsonNode? SaveState() => _metrics is null ? null : new JsonObject { ["length"] = _metrics.Length, ["unwritten"] = JsonSerializer.SerializeToNode(_unwritten, RecordJson.Options) };

    public override void RestoreState(JsonNode state)
    {
        var length = state["length"]!.GetValue<long>();
        Check.AtLeast(length, 0, "The length of the file of metrics");
        _unwritten = state["unwritten"].Deserialize<UnwrittenSteps>(RecordJson.Options) ?? throw new ArgumentException("The unwritten steps are null.");
        _unwritten.Sums.Validate();
        _metrics!.Cut(length);
    }

    public void Dispose() => _metrics?.Dispose();

    private void WriteSteps(TrainingSession session)
    {
        var means = _unwritten.Sums.ToSummary(_unwritten.Epoch);
        var (samples, seconds) = (session.State.Samples - _unwritten.Samples, session.State.Seconds - _unwritten.Seconds);
        Write(new RunMetric
        {
            Split = RunMetric.Train,
            Step = session.Step,
            Epoch = _unwritten.Epoch,
            Loss = means.Loss,
            Metric = means.Metric,
            LearningRate = session.LearningRate,
            GradientNorm = _unwritten.GradientNorm,
            Seconds = session.State.Seconds,
            // The clock may not have advanced.
            SamplesPerSecond = seconds > 0 ? samples / seconds : null,
        });
        _unwritten = UnwrittenSteps.After(session.State);
        _sinceLine.Restart();
    }

    private void Write(RunMetric metric) => Try(() => _metrics!.Append(RunJson.WriteLine(metric)));

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (IOException exception)
        {
            if (!_warned)
                environment.Warn($"The run folder '{folder.Path}' cannot be written. The training continues with gaps in its record: {exception.Message}");
            _warned = true;
        }
    }

    private sealed class UnwrittenSteps
    {
        public EpochSums Sums { get; set; } = new();

        public int Epoch { get; set; }

        public double? GradientNorm { get; set; }

        /// <summary>The number of rows trained when the previous line was written.</summary>
        public long Samples { get; set; }

        /// <summary>The duration of the training at that time, in seconds.</summary>
        public double Seconds { get; set; }

        public static UnwrittenSteps After(TrainingState state) => new() { Samples = state.Samples, Seconds = state.Seconds };
    }
}
