namespace Sconce.Trainers;

/// <summary>Writes a file whole or not at all: to a temporary file beside it, flushed to the disk, then renamed over it.</summary>
internal static class AtomicFile
{
    /// <summary>Writes <paramref name="path"/>; a missing folder is made. Whatever goes wrong, an existing file stays as it was and no part of the new one is left.</summary>
    /// <exception cref="IOException">The file cannot be written; the message names it and the reason.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var target = Path.GetFullPath(path);
        var temporary = $"{target}.{Guid.NewGuid():N}.tmp";
        try
        {
            if (Directory.Exists(target))
                throw new IOException("it is a folder");
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"Cannot write '{path}': {exception.Message.TrimEnd('.')}. Choose another path, or make this one writable.", exception);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
