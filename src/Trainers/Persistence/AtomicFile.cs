namespace Sconce.Trainers;

/// <summary>Writes a file whole or not at all: to a temporary file beside it, flushed to the disk, then renamed over it.</summary>
internal static class AtomicFile
{
    /// <summary>Writes <paramref name="path"/>; a missing folder is made. Whatever goes wrong, an existing file stays as it was and no part of the new one is left.</summary>
    /// <exception cref="IOException">The file cannot be written; the message names it and the reason.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var target = Path.GetFullPath(path);
        var temporary = Beside(target);
        using (var stream = Guard(path, () => Create(target, temporary)))
        {
            try
            {
                Guard(path, () =>
                {
                    write(stream);
                    stream.Flush(flushToDisk: true);
                    stream.Dispose();
                    File.Move(temporary, target, overwrite: true);
                    return true;
                });
            }
            catch
            {
                // Closed first: some systems delete no open file.
                stream.Dispose();
                File.Delete(temporary);
                throw;
            }
        }
    }

    /// <summary>Finds out whether <see cref="Write"/> could begin, before the work whose result it would write.</summary>
    /// <exception cref="IOException">It could not; the message names the path and the reason.</exception>
    public static void CheckWritable(string path)
    {
        var target = Path.GetFullPath(path);
        var probe = Beside(target);
        Guard(path, () => Create(target, probe)).Dispose();
        File.Delete(probe);
    }

    /// <summary>A name in the same folder, and no longer than a name may be however long the target's is.</summary>
    private static string Beside(string target) => Path.Combine(Path.GetDirectoryName(target) ?? target, $".{Guid.NewGuid():N}.tmp");

    private static FileStream Create(string target, string temporary)
    {
        if (Directory.Exists(target))
            throw new IOException("it is a folder");
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        return new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite);
    }

    private static T Guard<T>(string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception exception) when (exception is IOException and not FileNotFoundException or UnauthorizedAccessException)
        {
            throw new IOException($"Cannot write '{path}': {exception.Message.TrimEnd('.')}. Choose another path, or make this one writable.", exception);
        }
    }
}
