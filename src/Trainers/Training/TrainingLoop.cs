using System.Diagnostics;
using System.Globalization;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>Batches, steps, schedule, measuring, cancellation: everything about training that is the same for every network. It knows tensors, not ML.NET.</summary>
internal sealed class TrainingLoop(TrainingOptions options, ModelDefinition definition, ValidationRows? validation, Action<EpochSummary> epochEnded, Action<TrainingProgress>? stepEnded = null)
{
    private const int StepsPerSnapshot = 100;

    private readonly Stopwatch _clock = new();
    private readonly Stopwatch _pauseClock = new();
    private readonly List<EpochSummary> _history = [];
    private readonly List<ValidationSummary> _validation = [];
    private int _step;
    private int _totalSteps;
    private int _totalEpochs;
    private long _samples;
    private WeightSnapshot? _lastGood;
    private int _nextSnapshot = StepsPerSnapshot;
    private double _firstLoss;
    private CarriedState? _state;

    public IReadOnlyList<EpochSummary> History => _history;

    public IReadOnlyList<ValidationSummary> Validation => _validation;

    public int Steps => _step;

    /// <summary>The weights of the last moment that was known to be good; null where there was none.</summary>
    public WeightSnapshot? LastGood => _lastGood is { Step: not null } ? _lastGood : null;

    /// <summary>How long validating and callbacks took, which is no training time.</summary>
    public TimeSpan PausedTime => _pauseClock.Elapsed;

    /// <summary>Trains <paramref name="network"/> in place.</summary>
    /// <exception cref="OperationCanceledException">The options' token asked for it.</exception>
    /// <exception cref="TrainingDivergedException">The loss, a gradient that is clipped or the weights are no longer finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There would be more steps than can be counted.</exception>
    public void Run(nn.Module<Tensor, Tensor> network, TrainingRows rows, BatchReader batches, SeedSequence seeds)
    {
        var stepsPerEpoch = (rows.PassLength + options.BatchSize - 1) / options.BatchSize;
        if (options.NumberOfSteps is null)
            Check.AtMost(options.NumberOfEpochs, int.MaxValue / stepsPerEpoch, nameof(options.NumberOfEpochs));
        var steps = options.NumberOfSteps ?? stepsPerEpoch * options.NumberOfEpochs;
        _totalSteps = (int)steps;
        _totalEpochs = (int)((steps + stepsPerEpoch - 1) / stepsPerEpoch);

        using var gradients = enable_grad();
        network.train();
        var updater = new ParameterUpdater(options.Optimizer, network.parameters(), options.GradientClipping);
        _lastGood = new WeightSnapshot(network);
        using var state = definition.CarryState(network, options.BatchSize);
        _state = state;
        _clock.Start();
        for (var epoch = 1; epoch <= _totalEpochs; epoch++)
        {
            rows.BeginEpoch(seeds.Shuffle(epoch));
            state?.Reset();
            RunEpoch(epoch, network, updater, batches);
        }

        // Every loss was measured before the step that it led to: the last step is looked at here.
        if (_lastGood.NotFinite() is { } broken)
            throw Diverged($"The weights '{broken}' are not finite after step {_step}", _step);
    }

    private TrainingDivergedException Diverged(string what, int step) => new(
        string.Create(CultureInfo.InvariantCulture, $"{what}: the training diverged. A smaller {nameof(options.LearningRate)} than {options.LearningRate} usually helps."), step);

    private void RunEpoch(int epoch, nn.Module<Tensor, Tensor> network, ParameterUpdater updater, BatchReader batches)
    {
        var started = _clock.Elapsed;
        double loss = 0, metric = 0;
        long samples = 0;
        var steps = 0;
        while (_step < _totalSteps)
        {
            options.CancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var (count, features, targets) = batches.Read();
            if (count == 0)
                break;

            var (batchLoss, batchMetric) = Step(network, updater, features, targets);
            steps++;
            samples += count;
            loss += batchLoss * count;
            metric += batchMetric * count;
            _step++;
            _samples += count;
            if (_step == _totalSteps || _step % options.ValidationInterval == 0)
                Validate(network);
            Report(epoch, network, batchLoss, batchMetric, updater.GradientNorm);
        }

        if (options.ValidationInterval is null)
            Validate(network);
        var seconds = (_clock.Elapsed - started).TotalSeconds;
        var mean = metric / samples;
        var summary = new EpochSummary(epoch, steps, loss / samples, double.IsNaN(mean) ? null : mean, seconds, samples / seconds);
        _history.Add(summary);
        _nextSnapshot = Math.Min(_nextSnapshot, _step);
        epochEnded(summary);
    }

    private (double Loss, double Metric) Step(nn.Module<Tensor, Tensor> network, ParameterUpdater updater, Tensor features, Tensor targets)
    {
        var (loss, metric) = definition.Objective.Evaluate(_state ?? network, definition.Input.ToNetwork(features), targets);
        var value = loss.item<float>();
        if (!float.IsFinite(value))
            throw Diverged(string.Create(CultureInfo.InvariantCulture, $"The loss became {value} at step {_step + 1}"), _step + 1);

        KeepGood(value);
        loss.backward();
        updater.Step(LearningRate());
        if (updater.GradientNorm is { } norm && !double.IsFinite(norm))
            throw Diverged(string.Create(CultureInfo.InvariantCulture, $"The gradient's norm became {norm} at step {_step + 1}"), _step + 1);
        return (value, metric is null ? double.NaN : metric.item<float>());
    }

    /// <summary>Copies weights that have just shown a good loss, when it is time to: a copy that waits for one comes a few steps later.</summary>
    private void KeepGood(double loss)
    {
        if (_step == 0)
            _firstLoss = loss;
        if (_step < _nextSnapshot || loss > _firstLoss || _lastGood!.NotFinite() is not null)
            return;
        _lastGood.Take(_step);
        _nextSnapshot = _step + StepsPerSnapshot;
    }

    private double LearningRate()
    {
        var progress = _totalSteps > 1 ? _step / (double)(_totalSteps - 1) : 0;
        return options.LearningRate * options.Schedule.Factor(progress);
    }

    private void Validate(nn.Module<Tensor, Tensor> network)
    {
        if (validation is null || _validation is [.., { Step: var measured }] && measured == _step)
            return;
        Pause();
        var (loss, metric) = validation.Measure(network);
        _validation.Add(new ValidationSummary(_step, _clock.Elapsed.TotalSeconds, loss, metric));
        Resume();
    }

    private void Report(int epoch, nn.Module<Tensor, Tensor> network, double loss, double metric, double? gradientNorm)
    {
        if (options.Progress is null && stepEnded is null)
            return;
        var elapsed = _clock.Elapsed;
        var progress = new TrainingProgress(
            _step, _totalSteps, epoch, _totalEpochs, loss, metric, definition.Objective.MetricName, _validation is [.., var newest] ? newest : null, _samples / elapsed.TotalSeconds, elapsed / _step * (_totalSteps - _step), gradientNorm);
        options.Progress?.Report(progress);
        if (stepEnded is null)
            return;
        Pause();
        network.eval();
        stepEnded(progress);
        network.train();
        Resume();
    }

    private void Pause()
    {
        _clock.Stop();
        _pauseClock.Start();
    }

    private void Resume()
    {
        _pauseClock.Stop();
        _clock.Start();
    }
}
