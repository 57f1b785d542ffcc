using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Scoring;

/// <summary>Scores one row at a time, as a <c>PredictionEngine</c> needs it: a batch of one.</summary>
internal sealed class ScoringRowMapper(ScoringSchema binding) : IRowToRowMapper
{
    public DataViewSchema InputSchema => binding.Input;

    public DataViewSchema OutputSchema => binding.Output;

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) => binding.Dependencies(dependingColumns);

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) => new ScoringRow(binding, input, activeColumns);

    private sealed class ScoringRow : DataViewRow
    {
        private readonly ScoringSchema _binding;
        private readonly DataViewRow _input;
        private readonly HashSet<int> _active;
        private readonly ScoreBatch _scores;
        private readonly IBatchReading _reading;
        private FeatureBatch? _features;
        private long _scoredPosition = -1;

        public ScoringRow(ScoringSchema binding, DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
        {
            _binding = binding;
            _input = input;
            _active = [.. activeColumns.Select(column => column.Index)];
            _scores = binding.CreateBatch(IsColumnActive, 1);
            _reading = binding.Scorer.Begin();
        }

        public override DataViewSchema Schema => _binding.Output;

        public override long Position => _input.Position;

        public override long Batch => _input.Batch;

        public override ValueGetter<DataViewRowId> GetIdGetter() => _input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!IsColumnActive(column))
                throw new ArgumentOutOfRangeException(nameof(column), $"Column '{column.Name}' is not active in this row.");
            return _binding.IsScore(column)
                ? ScoringSchema.Cast<TValue>(_binding.CreateGetter(column, Locate), column)
                : _input.GetGetter<TValue>(_binding.Input[column.Index]);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _reading.Dispose();
                _input.Dispose();
            }

            base.Dispose(disposing);
        }

        /// <summary>Scores the row only once, no matter how many columns are requested.</summary>
        private (ScoreBatch Scores, int Row) Locate()
        {
            if (_scoredPosition != _input.Position || _features is null)
            {
                _features ??= new FeatureBatch(_binding.Feature, _input, 1);
                _features.TryRead(0);
                _reading.Score(_features, 1, _scores);
                _scoredPosition = _input.Position;
            }

            return (_scores, 0);
        }
    }
}
