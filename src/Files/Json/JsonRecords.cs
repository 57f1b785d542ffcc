namespace Sconce.Files.Json;

/// <summary>Reads the rows of a JSON file, as bytes.</summary>
internal abstract class JsonRecords
{
    /// <summary>The current row, valid until the next <see cref="MoveNext"/>.</summary>
    public ReadOnlyMemory<byte> Current { get; protected set; }

    /// <summary>The number of the line that it begins in, from 1.</summary>
    public long Number { get; protected set; }

    /// <summary>Whether it is too long; it is empty then.</summary>
    public bool IsTooLong { get; protected set; }

    /// <summary>The reason why the rest of the file cannot be read, without a period; null if it can.</summary>
    public string? Fault { get; protected set; }

    /// <summary>Moves to the next row; false at the end.</summary>
    public abstract bool MoveNext();
}
