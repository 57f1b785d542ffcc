using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Training;

/// <summary>Gives another cursor's rows; which of them, and until when, says whoever derives from it. It disposes the other cursor.</summary>
/// <param name="input">The cursor. Positions are its own, so that a message about a row names the row that the source has.</param>
internal abstract class WrappedCursor(DataViewRowCursor input) : DataViewRowCursor
{
    public override long Position => Input.Position;

    public override long Batch => Input.Batch;

    public override DataViewSchema Schema => Input.Schema;

    /// <summary>The cursor whose rows are given.</summary>
    protected DataViewRowCursor Input { get; } = input;

    public override bool IsColumnActive(DataViewSchema.Column column) => Input.IsColumnActive(column);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => Input.GetGetter<TValue>(column);

    public override ValueGetter<DataViewRowId> GetIdGetter() => Input.GetIdGetter();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Input.Dispose();
        base.Dispose(disposing);
    }
}
