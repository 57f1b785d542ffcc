using Sconce.Files.Rows;

namespace Sconce.Pipelines.Scoring;

/// <summary>Batches that a model takes as it likes, each remembered until its scores are complete.</summary>
internal sealed class ReadAhead(IEnumerator<ReadBatch> batches) : IBatchSource
{
    private readonly Queue<ReadBatch> _unfinished = new();
    private readonly Queue<RowBatch> _unread = new();
    private bool _isTaken;

    /// <summary>These batches as rows that can be read once.</summary>
    /// <exception cref="NotSupportedException">The model reads them again.</exception>
    public ReadAhead Once()
    {
        if (_isTaken)
            throw new NotSupportedException("The model reads its rows more than once, and rows are read from files as they are scored. Load the file by ml.Data, and transform it there.");
        _isTaken = true;
        return this;
    }

    /// <summary>The batch whose scores come next, read now if it has not been; false when there is none.</summary>
    public bool TryPeek(out ReadBatch batch)
    {
        batch = null!;
        if (_unfinished.Count == 0 && !Read())
            return false;
        batch = _unfinished.Peek();
        return true;
    }

    /// <summary>Forgets the batch whose scores are complete.</summary>
    public void Finish() => _unfinished.Dequeue();

    public RowBatch? Next() => _unread.Count > 0 || Read() ? _unread.Dequeue() : null;

    public void Dispose() => batches.Dispose();

    private bool Read()
    {
        if (!batches.MoveNext())
            return false;
        _unfinished.Enqueue(batches.Current);
        _unread.Enqueue(batches.Current.Rows);
        return true;
    }
}
