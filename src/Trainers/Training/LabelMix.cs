using System.Globalization;
using System.IO.Hashing;
using Sconce.Trainers.Interop;

namespace Sconce.Trainers.Training;

/// <summary>The frequencies of labels, which determine how many rows would follow one with the same label in random order.</summary>
internal sealed class LabelCounts
{
    /// <summary>The maximum number of different labels: with more, none is frequent enough to matter.</summary>
    private const int MostLabels = 1 << 16;

    private readonly Dictionary<ulong, long> _counts = [];
    private long _rows;

    /// <summary>The fraction of rows that follow one with the same label, in random order.</summary>
    public double ShareOfRepeated => _counts.Values.Sum(count => (double)count / _rows * count / _rows);

    public void Add(ReadOnlySpan<byte> label)
    {
        _rows++;
        var hash = XxHash3.HashToUInt64(label);
        if (_counts.TryGetValue(hash, out var count) || _counts.Count < MostLabels)
            _counts[hash] = count + 1;
    }
}

/// <summary>
/// Observes the first epoch of rows that do not fit into memory, and warns if far more of them follow one with the same label than in random
/// order. It observes the batches that the network reads, whether or not the data claims to be shuffled.
/// </summary>
internal sealed class LabelMix(StreamedRows rows, MLNetEnvironment environment) : TrainingCallback
{
    /// <summary>The threshold of the warning, from 0 (well shuffled) to 1 (sorted).</summary>
    private const double MostSorted = .25;

    private byte[] _before = [];
    private long _pairs;
    private long _repeated;
    private int _batches;
    private int _uniform;
    private bool _isOver;

    /// <param name="labels">The labels of a batch, one after another; none if only features are trained on.</param>
    /// <param name="count">The number of rows in the batch.</param>
    public void Observe(ReadOnlySpan<byte> labels, int count)
    {
        if (_isOver || labels.IsEmpty)
            return;
        var size = labels.Length / count;
        _batches++;
        // Each label equals the previous one.
        if (labels[size..].SequenceEqual(labels[..^size]))
            _uniform++;
        for (; !labels.IsEmpty; labels = labels[size..])
        {
            var label = labels[..size];
            if (_before.Length > 0)
            {
                _pairs++;
                if (label.SequenceEqual(_before))
                    _repeated++;
            }

            _before = label.ToArray();
        }
    }

    public override void TrainingBegan(TrainingSession session)
    {
        if (!rows.ReadsShuffled)
            environment.Log(string.Create(CultureInfo.InvariantCulture, $"The training data has {rows.Count} rows, and {nameof(TrainingOptions.MemoryBudget)} holds {rows.PoolSize} of them: rows are shuffled within a buffer of {rows.PoolSize} rows, not over the whole data."));
    }

    public override void EpochEnded(EpochSummary summary, TrainingSession session)
    {
        if (_isOver)
            return;
        _isOver = true;
        var share = rows.Labels.ShareOfRepeated;
        var chance = 3 * Math.Sqrt(_pairs * share * (1 - share));
        if (_repeated <= _pairs * (share + MostSorted * (1 - share)) + chance)
            return;
        environment.Warn(string.Create(
            CultureInfo.InvariantCulture,
            $"The rows are not well shuffled, which may harm the training: in the first epoch {100.0 * _repeated / _pairs:F0} % of the rows follow one with the same label, instead of {100 * share:F0} % in random order, and {_uniform} of {_batches} batches have a single label. The training data has {rows.Count} rows, of which {nameof(TrainingOptions.MemoryBudget)} holds {rows.PoolSize} to shuffle at a time. Raise {nameof(TrainingOptions.MemoryBudget)}, or shuffle the file beforehand."));
    }
}
