using Sconce.Core.Errors;
using Sconce.Trainers.Columns;
using static TorchSharp.torch;

namespace Sconce.Trainers.Training;

/// <summary>Reads rows into tensors that are reused for each batch.</summary>
internal sealed class BatchReader : IDisposable
{
    private readonly TrainingRows _rows;
    private readonly Tensor _features;
    private readonly Tensor _targets;
    private readonly Tensor? _weights;
    private readonly int _featureBytes;
    private readonly int _targetBytes;
    private readonly byte[] _row;
    private readonly LabelMix? _mix;
    private readonly int _capacity;

    public BatchReader(TrainingRows rows, ColumnBinding feature, ColumnBinding target, int batchSize, LabelMix? mix = null)
    {
        Check.AtMost(batchSize, Array.MaxLength / rows.RowBytes, nameof(TrainingOptions.BatchSize));
        _rows = rows;
        _capacity = batchSize;
        _mix = mix;
        _features = feature.Field.Allocate(batchSize).DetachFromDisposeScope();
        _targets = ((target as WeightedColumn)?.Label ?? target).Field.Allocate(batchSize).DetachFromDisposeScope();
        _weights = target is WeightedColumn ? empty(batchSize, ScalarType.Float32).DetachFromDisposeScope() : null;
        _featureBytes = feature.Field.Bytes;
        _targetBytes = rows.RowBytes - _featureBytes - (_weights is null ? 0 : sizeof(float));
        _row = new byte[rows.RowBytes];
    }

    /// <summary>Reads a batch of rows; fewer at the end of an epoch.</summary>
    /// <returns>The number of rows, 0 at the end of the epoch, and tensors that are valid until the next call. Weights [rows] are null if rows have none.</returns>
    public (int Count, Tensor Features, Tensor Targets, Tensor? Weights) Read()
    {
        var count = 0;
        Span<byte> features = _features.bytes, targets = _targets.bytes, weights = _weights is null ? [] : _weights.bytes;
        for (; count < _capacity && _rows.TryNext(_row); count++)
        {
            _row.AsSpan(0, _featureBytes).CopyTo(features[(count * _featureBytes)..]);
            _row.AsSpan(_featureBytes, _targetBytes).CopyTo(targets[(count * _targetBytes)..]);
            if (_weights is not null)
                _row.AsSpan(_featureBytes + _targetBytes).CopyTo(weights[(count * sizeof(float))..]);
        }

        _mix?.Observe(targets[..(count * _targetBytes)], count);
        return (count, _features.narrow(0, 0, count), _targets.narrow(0, 0, count), _weights?.narrow(0, 0, count));
    }

    public void Dispose()
    {
        _features.Dispose();
        _targets.Dispose();
        _weights?.Dispose();
    }
}
