namespace Sconce.Files.Rows;

/// <summary>Writes batches of rows to a stream, which stays open. Rows are complete only after <see cref="Finish"/>.</summary>
internal abstract class RowWriter : IDisposable
{
    /// <summary>Writes all rows of a batch.</summary>
    public abstract void Write(RowBatch batch);

    /// <summary>Writes what the format has at its end.</summary>
    public abstract void Finish();

    /// <summary>Frees what the writer holds, whether it was finished or not.</summary>
    public virtual void Dispose()
    {
    }
}
