namespace Sconce.Core.Storage;

/// <summary>All that is done to files while they are written, in one place, so that tests can let each of it fail.</summary>
internal class FileOperations
{
    private const int BufferSize = 1 << 16;

    public static readonly FileOperations Real = new();

    /// <summary>Makes a file. What has its name is deleted first, so that a link which somebody has put there is not followed.</summary>
    public virtual FileStream Create(string path)
    {
        File.Delete(path);
        return new(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, BufferSize);
    }

    /// <summary>Makes a file that is not there yet, and holds it: others may read it, once it has its name, and none may have it for itself.</summary>
    public virtual FileStream CreateNew(string path) => new(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, BufferSize);

    /// <summary>Opens a file of lines, or makes it. It is not buffered: what could not be written is not tried again when it is closed.</summary>
    public virtual FileStream OpenLines(string path) => new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);

    public virtual FileStream OpenRead(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize, FileOptions.SequentialScan);

    /// <summary>Renames a file; one that has the name already is replaced if that is asked for.</summary>
    public virtual void Move(string from, string to, bool replaces) => File.Move(from, to, replaces);

    /// <summary>Deletes a file if it is there.</summary>
    public virtual void Delete(string path) => File.Delete(path);
}
