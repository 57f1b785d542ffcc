using Microsoft.ML;

namespace Sconce.Trainers.Scoring;

/// <summary>A data view with the score columns added, whose cursors score a batch at a time.</summary>
internal sealed partial class ScoringView(ScoringSchema binding, IDataView input) : IDataView
{
    /// <summary>Rows that continue each other are read in their order alone.</summary>
    public bool CanShuffle => input.CanShuffle && !binding.Scorer.ContinuesRows;

    public DataViewSchema Schema => binding.Output;

    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var active = columnsNeeded.ToList();
        return new ScoringCursor(binding, input.GetRowCursor(binding.Dependencies(active), CanShuffle ? rand : null), active);
    }

    /// <summary>One cursor, whatever is asked for: each batch is spread over the processors as it is.</summary>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];
}
