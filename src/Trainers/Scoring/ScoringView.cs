using Microsoft.ML;

namespace Sconce.Trainers.Scoring;

/// <summary>A data view with added score columns, whose cursors score rows in batches.</summary>
internal sealed partial class ScoringView(ScoringSchema binding, IDataView input) : IDataView
{
    /// <summary>False for rows that continue each other, which have to be read in order.</summary>
    public bool CanShuffle => input.CanShuffle && !binding.Scorer.ContinuesRows;

    public DataViewSchema Schema => binding.Output;

    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var active = columnsNeeded.ToList();
        return new ScoringCursor(binding, input.GetRowCursor(binding.Dependencies(active), CanShuffle ? rand : null), active);
    }

    /// <summary>Always a single cursor: each batch is already computed on all processors.</summary>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];
}
