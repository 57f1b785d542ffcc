namespace Sconce.Core.Storage;

/// <summary>A file that is written atomically: under a temporary name, and renamed at the end.</summary>
internal sealed class NewFile : IDisposable
{
    private readonly FileOperations _files;
    private readonly string _temporary;
    private bool _isPublished;

    /// <param name="files">The file operations.</param>
    /// <param name="path">The final path.</param>
    /// <param name="temporary">The temporary path; a file that a killed run has left there is replaced.</param>
    /// <exception cref="IOException">It cannot be created.</exception>
    public NewFile(FileOperations files, string path, string temporary)
        : this(files, path, temporary, files.Create(temporary))
    {
    }

    /// <summary>Uses a file that was created already.</summary>
    public NewFile(FileOperations files, string path, string temporary, FileStream content) =>
        (_files, _temporary, Path, Content) = (files, temporary, path, content);

    public string Path { get; }

    public FileStream Content { get; }

    /// <summary>Flushes it to the disk, closes it and renames it.</summary>
    /// <param name="replaces">Whether an existing file is replaced.</param>
    public void Publish(bool replaces = true)
    {
        Content.Flush(flushToDisk: true);
        // While it is open, other processes do not delete it. Windows cannot rename an open file.
        if (OperatingSystem.IsWindows())
            Content.Dispose();
        _files.Move(_temporary, Path, replaces);
        _isPublished = true;
        Content.Dispose();
    }

    /// <summary>Deletes the file if it was not published. If it cannot be deleted, the next attempt replaces it.</summary>
    public void Dispose()
    {
        if (_isPublished)
            return;
        // The earlier failure, which prevented publishing, is the one that is reported.
        FileOperations.Try(Content.Dispose);
        // It is closed first: some systems cannot delete an open file.
        FileOperations.Try(() => _files.Delete(_temporary));
    }
}
