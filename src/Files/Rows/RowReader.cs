using Microsoft.ML;
using Sconce.Core.Errors;

namespace Sconce.Files.Rows;

/// <summary>Reads a file's rows, in order, into batches.</summary>
internal abstract class RowReader(string path) : IDisposable
{
    /// <summary>The file, as named in messages.</summary>
    public string Path { get; } = path;

    /// <summary>The requested columns, in order, with their types.</summary>
    public abstract DataViewSchema Schema { get; }

    /// <summary>The number of rows that were read, including bad rows.</summary>
    public virtual long Position { get; private set; }

    /// <summary>The number of rows in the file; null if it is known only after reading the file.</summary>
    public virtual long? RowCount => null;

    /// <summary>Whether the file has names for its fields.</summary>
    public virtual bool HasNames => true;

    /// <summary>The numbers of rows in blocks that can be skipped without reading them; empty if there are none.</summary>
    public virtual IReadOnlyList<long> Blocks => [];

    /// <summary>The number of rows that are read at once, if determining it requires a scan of the whole file; otherwise null.</summary>
    public virtual int? ChunkRows => null;

    /// <summary>The line that the current row begins in, from 1; 0 if the file has no lines.</summary>
    protected virtual long Line => 0;

    /// <summary>The place of the current row, as counted by <see cref="Position"/>.</summary>
    protected virtual RowPlace Place => new(Path, Position, Line);

    /// <summary>Reads rows until the batch has <paramref name="rows"/> rows, including bad rows, or the file ends.</summary>
    /// <returns>False at the end of the file.</returns>
    /// <exception cref="InvalidDataException">The rest of the file cannot be read; the message names it. The rows before stay in the batch.</exception>
    /// <exception cref="IOException">The rest of the file cannot be read.</exception>
    public virtual bool Fill(RowBatch batch, int rows)
    {
        while (batch.Count + batch.Bad.Count < rows)
        {
            if (!MoveNext())
                return false;
            Position++;
            BadColumn = null;
            if (Read(batch, batch.Count) is { } reason)
                batch.Bad.Add(new BadRow(Place, reason, Content) { Column = BadColumn });
            else
                batch.Accept(Place);
        }

        return true;
    }

    /// <summary>Reads all remaining rows, in batches of at most <paramref name="rows"/>.</summary>
    /// <exception cref="InvalidDataException">A row cannot be used, or the rest of the file cannot be read.</exception>
    public IEnumerable<RowBatch> ReadBatches(int rows)
    {
        for (var hasMore = true; hasMore;)
        {
            var batch = new RowBatch(Schema, rows);
            hasMore = Fill(batch, rows);
            if (batch.Bad is [var bad, ..])
                throw bad.ToException();
            yield return batch;
        }
    }

    /// <summary>Skips rows, at most to the end of the file.</summary>
    public virtual void Skip(long rows)
    {
        for (; rows > 0 && MoveNext(); rows--)
            Position++;
    }

    public abstract void Dispose();

    /// <summary>The column with the bad value of the current row, set by <see cref="Read"/>; null if there is none, or it is unknown.</summary>
    protected string? BadColumn { get; set; }

    /// <summary>The text of the current row in a text file; null for other files.</summary>
    protected virtual string? Content => null;

    /// <summary>Moves to the next row; false at the end.</summary>
    /// <exception cref="InvalidDataException">The rest of the file cannot be read; the message names it and what to do.</exception>
    protected abstract bool MoveNext();

    /// <summary>Copies the current row's values to a row of the batch, whose columns are those of <see cref="Schema"/>.</summary>
    /// <returns>Null, or the reason why the row cannot be used, as for <see cref="BadRow.Reason"/>.</returns>
    protected abstract string? Read(RowBatch batch, int row);

    /// <summary>The error of a file that cannot be read, or lacks a column.</summary>
    protected InvalidDataException Invalid(string message, string? column = null) => new InvalidDataException(message).About(file: Path, column: column);

    /// <summary>Counts rows that were read without <see cref="MoveNext"/>.</summary>
    protected void Advance(long rows) => Position += rows;
}
