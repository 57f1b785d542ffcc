namespace Sconce.Files.Rows;

/// <summary>Writes batches of rows to a stream, which stays open. Rows are complete only after <see cref="Finish"/>.</summary>
internal abstract class RowWriter : IDisposable
{
    /// <summary>Writes all rows of a batch.</summary>
    public abstract void Write(RowBatch batch);

    /// <summary>Writes the end of the file in its format.</summary>
    public abstract void Finish();

    /// <summary>Frees the writer's resources, whether or not it was finished.</summary>
    public virtual void Dispose()
    {
    }
}
