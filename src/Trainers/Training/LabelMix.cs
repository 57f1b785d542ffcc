using System.Globalization;
using System.IO.Hashing;
using Sconce.Trainers.Interop;

namespace Sconce.Trainers.Training;

/// <summary>How often each label stands in the data: it tells how many rows would follow one with the same label if they came in a random order.</summary>
internal sealed class LabelCounts
{
    /// <summary>Of more labels none is frequent enough to matter.</summary>
    private const int MostLabels = 1 << 16;

    private readonly Dictionary<ulong, long> _counts = [];
    private long _rows;

    /// <summary>The share of rows that follow one with the same label, in a random order.</summary>
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
/// Looks at the first pass over rows that are not held in memory, and warns where far more of them follow one with the same label than in a random
/// order. What it judges is what the network learns from, whatever the data says of its own shuffling.
/// </summary>
/// <param name="rows">The rows.</param>
/// <param name="environment">Is told.</param>
internal sealed class LabelMix(StreamedRows rows, MLNetEnvironment environment) : TrainingCallback
{
    /// <summary>From well mixed, 0, to sorted, 1: from here on it is warned of.</summary>
    private const double MostSorted = .25;

    private byte[] _before = [];
    private long _pairs;
    private long _repeated;
    private int _batches;
    private int _uniform;
    private bool _isOver;

    /// <param name="labels">The labels of a batch, one after another; none where nothing but the features is learned.</param>
    /// <param name="count">The number of rows in the batch.</param>
    public void Observe(ReadOnlySpan<byte> labels, int count)
    {
        if (_isOver || labels.IsEmpty)
            return;
        var size = labels.Length / count;
        _batches++;
        // Each label is that before it.
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
            environment.Log(string.Create(CultureInfo.InvariantCulture, $"The training data has {rows.Count} rows, and {nameof(TrainingOptions.MemoryBudget)} holds {rows.PoolSize} of them: rows are shuffled within a pool of {rows.PoolSize}, not over the whole data."));
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
            $"The rows are not well shuffled, and the network may learn badly: in the first epoch {100.0 * _repeated / _pairs:F0} % of the rows follow one with the same label, where a random order gives {100 * share:F0} %, and {_uniform} of {_batches} batches have a single label. The training data has {rows.Count} rows, of which {nameof(TrainingOptions.MemoryBudget)} holds {rows.PoolSize} to shuffle at a time. Raise {nameof(TrainingOptions.MemoryBudget)}, or shuffle the file beforehand."));
    }
}
