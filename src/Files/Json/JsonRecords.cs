namespace Sconce.Files.Json;

/// <summary>Goes through the rows of a file of JSON, as bytes.</summary>
internal abstract class JsonRecords
{
    /// <summary>The current row; it is valid until the next is gone to.</summary>
    public ReadOnlyMemory<byte> Current { get; protected set; }

    /// <summary>The number of the line that it begins in, from 1.</summary>
    public long Number { get; protected set; }

    /// <summary>Whether it is longer than what is held; it is empty then.</summary>
    public bool IsTooLong { get; protected set; }

    /// <summary>Why the file cannot be read on from here, without a full stop; null where it can.</summary>
    public string? Fault { get; protected set; }

    /// <summary>Goes to the next; false when there is none.</summary>
    public abstract bool MoveNext();
}
