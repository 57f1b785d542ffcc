using System.Diagnostics;
using System.Text.Json.Nodes;
using Sconce.Trainers.Interop;

namespace Sconce.Trainers;

/// <summary>Writes a run folder's <c>run.json</c> and <c>metrics.jsonl</c>. A disk that is full costs lines of the record, not the training: it is said once.</summary>
internal sealed class RunRecorder(RunFolder folder, MLNetEnvironment environment) : TrainingCallback, IDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(1);

    private readonly Stopwatch _sinceLine = new();
    private WholeLines? _metrics;
    private TrainingSession? _session;
    private RunInfo? _info;
    private EpochSums _sums = new();
    private TrainingProgress _last;
    private (long Samples, double Seconds) _lineBefore;
    private bool _warned;

    public override void TrainingBegan(TrainingSession session)
    {
        var earlier = session.Step > 0 ? RunFolder.ReadInfo(folder.Path) : null;
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
        _lineBefore = (session.State.Samples, session.State.Seconds);
        _sinceLine.Restart();
    }

    public override void StepEnded(TrainingProgress progress, TrainingSession session)
    {
        _sums.Add(1, progress.Loss, progress.Metric);
        _last = progress;
        if (_sinceLine.Elapsed >= _interval)
            WriteSteps(session);
    }

    public override void Validated(ValidationSummary summary, TrainingSession session) =>
        Write(new RunMetric { Split = RunMetric.Validation, Step = summary.Step, Loss = summary.Loss, Metric = summary.Metric, Seconds = summary.Seconds });

    public override void EpochEnded(EpochSummary summary, TrainingSession session)
    {
        if (_sums.Steps > 0)
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

    /// <summary>How long the file of metrics is: what a killed process wrote beyond that is written again.</summary>
    public override JsonNode? SaveState() => _metrics?.Length;

    public override void RestoreState(JsonNode state) => _metrics!.Cut(state.GetValue<long>());

    public void Dispose() => _metrics?.Dispose();

    private void WriteSteps(TrainingSession session)
    {
        var means = _sums.ToSummary(_last.Epoch);
        var (samples, seconds) = (session.State.Samples, session.State.Seconds);
        Write(new RunMetric
        {
            Split = RunMetric.Train,
            Step = session.Step,
            Epoch = _last.Epoch,
            Loss = means.Loss,
            Metric = means.Metric,
            LearningRate = session.LearningRate,
            GradientNorm = _last.GradientNorm,
            Seconds = seconds,
            // A step that is only told of took its time before the run was resumed.
            SamplesPerSecond = seconds > _lineBefore.Seconds ? (samples - _lineBefore.Samples) / (seconds - _lineBefore.Seconds) : null,
        });
        _lineBefore = (samples, seconds);
        _sums = new EpochSums();
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
}
