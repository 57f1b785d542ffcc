using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Training;

/// <summary>The base of cursors that return rows of another cursor, which they dispose.</summary>
/// <param name="input">The cursor, whose positions are kept unless a subclass overrides them, so that messages name the row of the source.</param>
internal abstract class WrappedCursor(DataViewRowCursor input) : DataViewRowCursor
{
    public override long Position => Input.Position;

    public override long Batch => Input.Batch;

    public override DataViewSchema Schema => Input.Schema;

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
