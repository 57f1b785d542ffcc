using Microsoft.ML;
using Sconce.Trainers.Columns;
using static TorchSharp.torch;

namespace Sconce.Trainers.Training;

/// <summary>Validation rows, on which the network is measured during the training.</summary>
internal sealed class ValidationRows : IDisposable
{
    private readonly TrainingRows _rows;
    private readonly BatchReader _batches;
    private readonly ModelDefinition _definition;
    private readonly bool _isSet;

    private ValidationRows(TrainingRows rows, BatchReader batches, ModelDefinition definition, bool isSet) =>
        (_isSet, _rows, _batches, _definition) = (isSet, rows, batches, definition);

    /// <inheritdoc cref="TrainingRows.Fingerprint"/>
    public string Fingerprint => _rows.Fingerprint;

    /// <summary>Reads the rows of <see cref="TrainingOptions.ValidationSet"/>, or those that were held out of the training data.</summary>
    /// <exception cref="ArgumentException">A column is missing, or of another type than in the training data.</exception>
    /// <exception cref="InvalidDataException">There are no rows, or a value is invalid.</exception>
    public static ValidationRows? Open(IDataView? data, TrainingOptions options, ModelDefinition definition, Target target)
    {
        if (data is null)
            return null;
        // Held-out rows are named as rows of the training data.
        var isSet = options.ValidationSet is not null;
        return Naming(isSet, () =>
        {
            var (feature, label) = Bind(data, definition, target);
            // Rows may be longer than the training rows.
            var longer = new LongerRows();
            (feature, label) = (Noting(feature, longer), Noting(label, longer));
            var name = isSet ? "it" : $"The validation data that {nameof(options.ValidationFraction)} holds out";
            var rows = Read();
            if (longer.WereSeen || (rows is StreamedRows && (feature is SequenceColumn || label is SequenceColumn)))
            {
                rows.Dispose();
                (feature, label) = (SequenceSurvey.Fit(data, feature, long.MaxValue, options.CancellationToken), SequenceSurvey.Fit(data, label, long.MaxValue, options.CancellationToken));
                rows = Read();
            }

            return new ValidationRows(rows, new BatchReader(rows, feature, label, (int)Math.Min(definition.Network.ScoringBatchSize, rows.Count)), definition, isSet);

            TrainingRows Read() => TrainingRows.Open(
                data, feature, label, options.MemoryBudget, _ => { }, options.CancellationToken, name, order: definition.Network.Lanes is null ? null : new LaneOrder(1, null));
        });
    }

    /// <summary>Measures the network on all rows, in evaluation mode, and restores its mode.</summary>
    /// <exception cref="InvalidDataException">A row that is read again has an invalid value.</exception>
    /// <exception cref="OperationCanceledException">The training was canceled.</exception>
    public (double Loss, double? Metric) Measure(nn.Module<Tensor, Tensor> network, CancellationToken cancellation) => Naming(_isSet, () => MeasureRows(network, cancellation));

    public void Dispose()
    {
        _batches.Dispose();
        _rows.Dispose();
    }

    private (double Loss, double? Metric) MeasureRows(nn.Module<Tensor, Tensor> network, CancellationToken cancellation)
    {
        using var noGradient = no_grad();
        var training = network.training;
        network.eval();
        double loss = 0, metric = 0;
        _rows.BeginEpoch(0);
        using var state = _definition.CarryState(network, lanes: 1);
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var (count, features, targets, weights) = _batches.Read();
            if (count == 0)
                break;
            var (batchLoss, batchMetric) = _definition.Objective.Evaluate(state ?? network, _definition.Input.ToNetwork(features), targets, weights);
            loss += batchLoss.item<float>() * count;
            metric += (batchMetric?.item<float>() ?? double.NaN) * count;
        }

        network.train(training);
        return (loss / _rows.Count, double.IsNaN(metric) ? null : metric / _rows.Count);
    }

    private static ColumnBinding Noting(ColumnBinding column, LongerRows longer) => column is SequenceColumn sequence ? sequence with { Longer = longer } : column;

    /// <summary>Adds to an error about a value that the value is in the validation data.</summary>
    private static T Naming<T>(bool isSet, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException exception) when (isSet)
        {
            throw new InvalidDataException($"{nameof(TrainingOptions.ValidationSet)} cannot be used for validation: {exception.Message}", exception);
        }
    }

    private static (ColumnBinding Feature, ColumnBinding Label) Bind(IDataView data, ModelDefinition definition, Target target)
    {
        try
        {
            return (definition.Objective.Constrain(definition.ReadInput.Bind(data.Schema)), target.Bind(data.Schema, definition.Objective));
        }
        catch (ArgumentException exception)
        {
            throw new ArgumentException($"{nameof(TrainingOptions.ValidationSet)} does not fit the training data: {exception.Message} Both have to come from the same steps of the pipeline.", exception);
        }
    }
}
