namespace Sconce.Core.Storage;

/// <summary>The operations on files that are written. Tests replace them to simulate failures.</summary>
internal class FileOperations
{
    private const int BufferSize = 1 << 16;

    public static readonly FileOperations Real = new();

    /// <summary>Runs an operation on files whose failure does not matter.</summary>
    public static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The caller does not depend on it.
        }
    }

    /// <summary>Creates a file. An existing file is deleted first, so that a link is not followed.</summary>
    public virtual FileStream Create(string path)
    {
        File.Delete(path);
        return new(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, BufferSize);
    }

    /// <summary>Creates and locks a file that does not exist; other processes may read it.</summary>
    public virtual FileStream CreateNew(string path) => new(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, BufferSize);

    /// <summary>Opens or creates a file of lines. It is not buffered, so that a failed write is not repeated when it is closed.</summary>
    public virtual FileStream OpenLines(string path) => new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);

    public virtual FileStream OpenRead(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize, FileOptions.SequentialScan);

    /// <summary>Renames a file.</summary>
    public virtual void Move(string from, string to, bool replaces) => File.Move(from, to, replaces);

    /// <summary>Deletes a file if it exists.</summary>
    public virtual void Delete(string path) => File.Delete(path);
}
