namespace Sconce.Pipelines;

/// <summary>A file that is there whole or not at all: written under a temporary name, which is always the same, so that a later run replaces what a killed one left.</summary>
internal sealed class NewFile : IDisposable
{
    private readonly FileOperations _files;
    private readonly string _temporary;
    private bool _isPublished;

    /// <exception cref="IOException">It cannot be made.</exception>
    public NewFile(FileOperations files, string path, string temporary)
    {
        (_files, _temporary, Path) = (files, temporary, path);
        Content = files.Create(temporary);
    }

    public string Path { get; }

    public FileStream Content { get; }

    /// <summary>Hashes what was written, from the first byte.</summary>
    public HashedFile Hash()
    {
        Content.Position = 0;
        return new HashedFile(Path, Content.Length, FileHash.Of(Content));
    }

    /// <summary>Flushes it to the disk, closes it and gives it its name.</summary>
    /// <param name="replaces">Whether a file that has the name already is replaced.</param>
    public void Publish(bool replaces = true)
    {
        Content.Flush(flushToDisk: true);
        Content.Dispose();
        _files.Move(_temporary, Path, replaces);
        _isPublished = true;
    }

    /// <summary>Deletes what was not published; what cannot be deleted is replaced by the next attempt.</summary>
    public void Dispose()
    {
        if (_isPublished)
            return;
        Try(Content.Dispose);
        // Closed before: some systems delete no open file.
        Try(() => _files.Delete(_temporary));

        static void Try(Action action)
        {
            try
            {
                action();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // The failure because of which it was not published is the one to be told.
            }
        }
    }
}
