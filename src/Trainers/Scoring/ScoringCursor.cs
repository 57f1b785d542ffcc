using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Scoring;

/// <summary>Reads a batch ahead, scores it at once, and returns its rows one by one.</summary>
/// <remarks>
/// While the rows of a batch are returned, the input is already at the end of the batch, so the values of the other active columns are
/// kept, too.
/// </remarks>
internal sealed class ScoringCursor : DataViewRowCursor
{
    private const int BatchBytes = 1 << 25;

    private readonly ScoringSchema _binding;
    private readonly DataViewRowCursor _input;
    private readonly bool[] _active;
    private readonly Delegate?[] _getters;
    private readonly List<ColumnBuffer> _kept = [];
    private readonly ValueGetter<DataViewRowId> _readId;
    private readonly int _capacity;
    private readonly DataViewRowId[] _ids;
    private readonly long[] _batches;
    private readonly FeatureBatch? _features;
    private readonly ScoreBatch? _scores;
    private readonly IBatchReading? _reading;
    private int _row = -1;
    private int _count;
    private long _position = -1;
    private bool _ended;
    private bool _isAhead;

    public ScoringCursor(ScoringSchema binding, DataViewRowCursor input, IReadOnlyList<DataViewSchema.Column> activeColumns)
    {
        _binding = binding;
        _input = input;
        // Large rows are read in smaller batches: memory stays bounded, and a few of them already keep the processors busy.
        _capacity = Math.Clamp(BatchBytes / Math.Max(1, binding.Feature.Field.Bytes), 1, binding.Scorer.BatchSize);
        _ids = new DataViewRowId[_capacity];
        _batches = new long[_capacity];
        _active = new bool[binding.Output.Count];
        _getters = new Delegate?[binding.Output.Count];
        _readId = input.GetIdGetter();
        foreach (var column in activeColumns)
            _active[column.Index] = true;

        if (activeColumns.Any(binding.IsScore))
        {
            _features = new FeatureBatch(binding.Feature, input, _capacity);
            _scores = binding.CreateBatch(IsColumnActive, _capacity);
            _reading = binding.Scorer.Begin();
        }

        foreach (var column in binding.Output.Where(column => _active[column.Index]))
        {
            if (binding.IsScore(column))
            {
                _getters[column.Index] = binding.CreateGetter(column, () => (_scores!, CurrentRow()));
            }
            else
            {
                var buffer = ColumnBuffer.Create(input, binding.Input[column.Index], _capacity);
                _kept.Add(buffer);
                _getters[column.Index] = buffer.CreateGetter(CurrentRow);
            }
        }
    }

    public override DataViewSchema Schema => _binding.Output;

    public override long Position => _position;

    public override long Batch => _row < 0 ? 0 : _batches[_row];

    public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

    public override bool MoveNext()
    {
        if (_ended)
            return false;
        if (++_row == _count)
        {
            ReadBatch();
            _row = 0;
            if (_count == 0)
            {
                _ended = true;
                _row = -1;
                _position = -1;
                return false;
            }
        }

        _position++;
        return true;
    }

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => _getters[column.Index] is { } getter
        ? ScoringSchema.Cast<TValue>(getter, column)
        : throw new ArgumentOutOfRangeException(nameof(column), $"Column '{column.Name}' is not active in this cursor.");

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = _ids[CurrentRow()];

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _input.Dispose();
            _reading?.Dispose();
            foreach (var buffer in _kept)
                buffer.Dispose();
        }

        _ended = true;
        _row = -1;
        base.Dispose(disposing);
    }

    private int CurrentRow() => _row >= 0 ? _row : throw new InvalidOperationException("The cursor is on no row: MoveNext has not been called, or has returned false.");

    private void ReadBatch()
    {
        for (_count = 0; _count < _capacity && (_isAhead || _input.MoveNext()); _count++)
        {
            // A row that is too long for this batch remains the input's current row, and starts the next batch.
            _isAhead = _features?.TryRead(_count) == false;
            if (_isAhead)
                break;
            _readId(ref _ids[_count]);
            _batches[_count] = _input.Batch;
            foreach (var buffer in _kept)
                buffer.Read(_count);
        }

        if (_scores is not null && _count > 0)
            _reading!.Score(_features!, _count, _scores);
    }
}
