using Sconce.Files.Rows;

namespace Sconce.Pipelines.Scoring;

/// <summary>Batches that a model reads at its own pace; each is kept until its scores are complete.</summary>
internal sealed class ReadAhead(IEnumerator<ReadBatch> batches) : IBatchSource
{
    private readonly Queue<ReadBatch> _unfinished = new();
    private readonly Queue<RowBatch> _unread = new();
    private bool _isTaken;

    /// <summary>The batches for a single pass.</summary>
    /// <exception cref="NotSupportedException">The model starts another pass.</exception>
    public ReadAhead Once()
    {
        if (_isTaken)
            throw new NotSupportedException("The model reads its rows more than once, but files are read only once while they are scored. Load the file with ml.Data.LoadRows and use the model's Transform method.");
        _isTaken = true;
        return this;
    }

    /// <summary>The batch with the next scores, which is read if necessary; false at the end.</summary>
    public bool TryPeek(out ReadBatch batch)
    {
        batch = null!;
        if (_unfinished.Count == 0 && !Read())
            return false;
        batch = _unfinished.Peek();
        return true;
    }

    /// <summary>Releases the batch, as its scores are complete.</summary>
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
