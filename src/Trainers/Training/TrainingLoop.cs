using System.Diagnostics;
using System.Globalization;
using Sconce.Core.Errors;
using Sconce.Trainers.Networks.Recurrent;
using Sconce.Trainers.Runs;
using static TorchSharp.torch;

namespace Sconce.Trainers.Training;

/// <summary>
/// The training loop, which is the same for every network: batches, steps, schedule, validation, callbacks, cancellation. It uses tensors,
/// but not ML.NET.
/// </summary>
internal sealed class TrainingLoop(ModelDefinition definition, nn.Module<Tensor, Tensor> network, TrainingSession session, ValidationRows? validation, IReadOnlyList<TrainingCallback> callbacks)
{
    private const int StepsPerSnapshot = 100;

    private readonly TrainingOptions _options = session.Options;
    private readonly TrainingState _state = session.State;
    private readonly Stopwatch _clock = new();
    private readonly WeightSnapshot _lastGood = new(network);
    private readonly IReadOnlyList<(TrainingCallback Callback, CallbackKey Key)> _keyed = [.. CallbackKey.Of(callbacks)];
    private int _totalEpochs;
    private int _nextSnapshot = StepsPerSnapshot;
    private CarriedState? _carried;
    private Checkpointer? _checkpointer;

    /// <summary>The last weights that were known to be good; null if there were none.</summary>
    public WeightSnapshot? LastGood => _lastGood is { Step: not null } ? _lastGood : null;

    /// <summary>Trains the network in place.</summary>
    /// <param name="rows">The training data.</param>
    /// <param name="batches">Reads the data in batches.</param>
    /// <param name="seeds">Seeds of the order of the data in each epoch.</param>
    /// <param name="checkpointer">Writes checkpoints, and has the one to resume from; null for none.</param>
    /// <exception cref="OperationCanceledException">The training was canceled.</exception>
    /// <exception cref="TrainingDivergedException">The loss, a gradient that is clipped or the weights are no longer finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of steps exceeds <see cref="int.MaxValue"/>.</exception>
    public void Run(TrainingRows rows, BatchReader batches, SeedSequence seeds, Checkpointer? checkpointer = null)
    {
        var stepsPerEpoch = (rows.PassLength + _options.BatchSize - 1) / _options.BatchSize;
        if (_options.NumberOfSteps is null)
        {
            Check.AtMost(_options.NumberOfEpochs, int.MaxValue / stepsPerEpoch, nameof(_options.NumberOfEpochs));
            // The minimum number of steps is rounded up to whole epochs.
            Check.AtMost(_options.MinimumNumberOfSteps, int.MaxValue / stepsPerEpoch * stepsPerEpoch, nameof(_options.MinimumNumberOfSteps));
        }

        var steps = _options.StepsFor(stepsPerEpoch);
        session.TotalSteps = (int)steps;
        session.LearningRate = LearningRate();
        session.TotalEpochs = _totalEpochs = (int)((steps + stepsPerEpoch - 1) / stepsPerEpoch);

        using var gradients = enable_grad();
        network.train();
        var updater = new ParameterUpdater(_options.Optimizer, network.parameters(), _options.GradientClipping);
        using var carried = definition.CarryState(network, _options.BatchSize);
        _carried = carried;
        _checkpointer = checkpointer;
        checkpointer?.Begin(session, updater, carried, _keyed, rows.PassLength);
        // The next loss shows whether restored weights are good.
        if (_state.Step > 0)
            _nextSnapshot = _state.Step;
        Notify(callback => callback.TrainingBegan(session));
        checkpointer?.RestoreCallbacks();
        try
        {
            RunEpochs(rows, batches, updater, seeds);
        }
        catch (OperationCanceledException) when (_options.CancellationToken.IsCancellationRequested)
        {
            checkpointer?.Save();
            throw;
        }

        // Every loss was measured before its step: the result of the last step is checked here.
        if (_lastGood.NotFinite() is { } broken)
            throw Diverged($"The weights '{broken}' are not finite after step {_state.Step}", _state.Step);
        checkpointer?.Save();
        Notify(callback => callback.TrainingEnded(session));
    }

    private bool IsOver => _state.Step == session.TotalSteps || _state.StopReason is not null;

    private TrainingDivergedException Diverged(string what, int step) => new(
        string.Create(CultureInfo.InvariantCulture, $"{what}: the training diverged. Try a {nameof(_options.LearningRate)} smaller than {_options.LearningRate}."), step);

    private void RunEpochs(TrainingRows rows, BatchReader batches, ParameterUpdater updater, SeedSequence seeds)
    {
        TellEpoch();
        // An epoch that has started but is not in the history was interrupted, and is continued.
        var isLeft = _state.Epoch > _state.History.Count;
        while (isLeft || (_state.Epoch < _totalEpochs && !IsOver))
        {
            if (!isLeft)
            {
                _state.Epoch++;
                _state.Sums = new EpochSums();
                _carried?.Reset();
            }

            rows.BeginEpoch(seeds.Shuffle(_state.Epoch));
            rows.Skip(_state.Sums.Rows);
            isLeft = false;
            TrainingTelemetry.TraceEpoch(_state, definition, () => RunEpoch(updater, batches));
        }
    }

    private void RunEpoch(ParameterUpdater updater, BatchReader batches)
    {
        _clock.Restart();
        Tell();
        while (!IsOver)
        {
            _options.CancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var (count, features, targets, weights) = batches.Read();
            if (count == 0)
                break;

            var (loss, metric) = Step(updater, features, targets, weights);
            _state.Sums.Add(count, loss, metric);
            _state.Step++;
            _state.Samples += count;
            _state.PendingStep = new FinishedStep(loss, metric, updater.GradientNorm, session.LearningRate, count, TakeTime());
            Tell();
            updater.ClearGradients();
            SaveCheckpoint();
        }

        TakeTime();
        if (_options.ValidationInterval is null || IsOver)
            Validate();
        var summary = _state.Sums.ToSummary(_state.Epoch);
        _state.History.Add(summary);
        _state.PendingEpoch = summary;
        _nextSnapshot = Math.Min(_nextSnapshot, _state.Step);
        TellEpoch();
    }

    /// <summary>Validates if a validation is due, and notifies the callbacks of the completed step.</summary>
    private void Tell()
    {
        if (_state.PendingStep is not { } step)
            return;
        session.LearningRate = step.LearningRate;
        if (_state.Step == session.TotalSteps || _state.Step % _options.ValidationInterval == 0)
            Validate();
        Report(step.Loss, step.Metric, step.GradientNorm);
        _state.PendingStep = null;
    }

    private void TellEpoch()
    {
        if (_state.PendingEpoch is not { } summary)
            return;
        NotifyOnce(callback => callback.EpochEnded(summary, session));
        _state.PendingEpoch = null;
    }

    private void SaveCheckpoint()
    {
        if (_checkpointer is null)
            return;
        _clock.Stop();
        _checkpointer.StepEnded();
        _clock.Start();
    }

    private (double Loss, double Metric) Step(ParameterUpdater updater, Tensor features, Tensor targets, Tensor? weights)
    {
        var step = _state.Step + 1;
        var (loss, metric) = definition.Objective.Evaluate(_carried ?? session.LowPrecision ?? network, definition.Input.ToNetwork(features), targets, weights);
        var value = loss.item<float>();
        if (!float.IsFinite(value))
            throw Diverged(string.Create(CultureInfo.InvariantCulture, $"The loss became {value} at step {step}"), step);

        KeepGood(value);
        loss.backward();
        session.LowPrecision?.HandOver();
        session.LearningRate = LearningRate();
        updater.Step(session.LearningRate);
        if (updater.GradientNorm is { } norm && !double.IsFinite(norm))
            throw Diverged(string.Create(CultureInfo.InvariantCulture, $"The gradient's norm became {norm} at step {step}"), step);
        session.Average?.Update(step);
        return (value, metric is null ? double.NaN : metric.item<float>());
    }

    /// <summary>Copies weights that have just had a good loss, if a copy is due.</summary>
    private void KeepGood(double loss)
    {
        if (_state.Step == 0)
            _state.FirstLoss = loss;
        if (_state.Step < _nextSnapshot || loss > _state.FirstLoss || _lastGood.NotFinite() is not null)
            return;
        _lastGood.Take(_state.Step);
        _nextSnapshot = _state.Step + StepsPerSnapshot;
    }

    private double LearningRate()
    {
        var progress = session.TotalSteps > 1 ? _state.Step / (double)(session.TotalSteps - 1) : 0;
        return _options.LearningRate * _options.Schedule.Factor(progress) * _state.LearningRateFactor;
    }

    private void Validate()
    {
        if (validation is null)
            return;
        if (_state.Validation is not [.., { Step: var measured }] || measured != _state.Step)
        {
            _clock.Stop();
            _state.PendingValidation = TrainingTelemetry.TraceValidation(definition, () =>
            {
                var (loss, metric) = validation.Measure(session.ScoredNetwork, _options.CancellationToken);
                return new ValidationSummary(_state.Step, _state.Seconds, loss, metric);
            });
            _state.Validation.Add(_state.PendingValidation);
            _clock.Start();
        }

        if (_state.PendingValidation is not { } summary)
            return;
        NotifyOnce(callback => callback.Validated(summary, session));
        _state.PendingValidation = null;
    }

    private void Report(double loss, double metric, double? gradientNorm)
    {
        if (_options.Progress is null && callbacks.Count == 0)
            return;
        var progress = new TrainingProgress(
            _state.Step, session.TotalSteps, _state.Epoch, _totalEpochs, loss, metric, definition.Objective.MetricName, _state.Validation is [.., var newest] ? newest : null,
            _state.Samples / _state.Seconds, TimeSpan.FromSeconds(_state.Seconds / _state.Step * (session.TotalSteps - _state.Step)), gradientNorm);
        _options.Progress?.Report(progress);
        NotifyOnce(callback => callback.StepEnded(progress, session));
    }

    /// <summary>
    /// Notifies the callbacks of an event that does not occur again when the training is resumed. Callbacks that were notified before an
    /// interruption are not notified twice.
    /// </summary>
    private void NotifyOnce(Action<TrainingCallback> tell)
    {
        Notify(tell, _state.Notified);
        _state.Notified.Clear();
    }

    /// <summary>
    /// Notifies the callbacks. Their time does not count as training time, and the network is set back to training mode afterwards.
    /// </summary>
    private void Notify(Action<TrainingCallback> tell, List<CallbackKey>? told = null)
    {
        if (callbacks.Count == 0)
            return;
        _clock.Stop();
        foreach (var (callback, key) in _keyed)
        {
            if (told?.Contains(key) == true)
                continue;
            tell(callback);
            told?.Add(key);
        }

        if (!network.training)
            network.train();
        _clock.Start();
    }

    /// <summary>Adds the time since the last call, and returns it, in seconds.</summary>
    private double TakeTime()
    {
        var seconds = _clock.Elapsed.TotalSeconds;
        _state.Seconds += seconds;
        _state.Sums.Seconds += seconds;
        _clock.Restart();
        return seconds;
    }
}
