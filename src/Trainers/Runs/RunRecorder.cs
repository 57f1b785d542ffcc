using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sconce.Core.Errors;
using Sconce.Core.Storage;
using Sconce.Trainers.Interop;
using Sconce.Trainers.Persistence;
using Sconce.Trainers.Training;

namespace Sconce.Trainers.Runs;

/// <summary>Writes a run folder's <c>run.json</c> and <c>metrics.jsonl</c>. A disk that is full costs lines of the record, not the training: it is said once.</summary>
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
        _info = new RunInfo
        {
            Name = folder.Name,
            Started = earlier?.Started ?? DateTimeOffset.UtcNow,
            Command = string.Join(' ', Environment.GetCommandLineArgs()),
            Network = session.Definition.ToJson(),
            Options = training.Options,
            Metric = training.Metric,
            Seed = training.Seed,
            Threads = training.Threads,
            Rows = training.Rows,
            Parameters = session.Model.Model.NumberOfParameters,
            Versions = training.Versions,
        };
        folder.Write(_info);
        // Unbuffered: the system keeps what is written even if this process is killed.
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

    /// <summary>What is in the file is written again, but for when the training began: a damaged one costs no more than that.</summary>
    private RunInfo? ReadEarlier()
    {
        try
        {
            return RunFolder.ReadInfo(folder.Path);
        }
        catch (InvalidDataException exception)
        {
            environment.Warn($"The record of the run is begun anew: {exception.Message}");
            return null;
        }
    }

    /// <summary>Says how the training ended: well, or with an exception.</summary>
    public void Ended(Exception? exception)
    {
        if (_session is null || _info is null)
            return;
        var state = _session.State;
        _info = _info with
        {
            Status = exception is null ? RunStatus.Finished : exception is OperationCanceledException ? RunStatus.Stopped : RunStatus.Failed,
            StopReason = exception is null ? state.StopReason : exception is OperationCanceledException ? "cancelled" : exception.Message,
            Finished = DateTimeOffset.UtcNow,
            Steps = state.Step,
            Seconds = state.Seconds,
            SamplesPerSecond = state.Seconds > 0 ? state.Samples / state.Seconds : 0,
        };
        Try(() => folder.Write(_info));
    }

    /// <summary>How long the file of metrics is, as what a killed process wrote beyond that is written again; and the steps that are to be in its next line.</summary>
    public override JsonNode? SaveState() => _metrics is null ? null : new JsonObject { ["length"] = _metrics.Length, ["unwritten"] = JsonSerializer.SerializeToNode(_unwritten, RecordJson.Options) };

    public override void RestoreState(JsonNode state)
    {
        var length = state["length"]!.GetValue<long>();
        Check.AtLeast(length, 0, "The length of the file of metrics");
        _unwritten = state["unwritten"].Deserialize<UnwrittenSteps>(RecordJson.Options) ?? throw new ArgumentException("The steps that are not written are null.");
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
            // A clock may not have moved.
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
                environment.Warn($"The run folder '{folder.Path}' cannot be written, and the training goes on while its record lacks lines: {exception.Message}");
            _warned = true;
        }
    }

    /// <summary>The steps since the line before, for the next.</summary>
    private sealed class UnwrittenSteps
    {
        public EpochSums Sums { get; set; } = new();

        /// <summary>The pass that the last of them was in.</summary>
        public int Epoch { get; set; }

        /// <summary>Of the last of them.</summary>
        public double? GradientNorm { get; set; }

        /// <summary>The rows that had been learned from when the line before was written.</summary>
        public long Samples { get; set; }

        /// <summary>How long they had taken.</summary>
        public double Seconds { get; set; }

        public static UnwrittenSteps After(TrainingState state) => new() { Samples = state.Samples, Seconds = state.Seconds };
    }
}
