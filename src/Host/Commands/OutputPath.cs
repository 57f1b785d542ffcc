namespace Sconce.Host.Commands;

/// <summary>Finds out before minutes of work, not after them, that their result could not be written.</summary>
internal static class OutputPath
{
    /// <exception cref="IOException">Nothing can be written there; the message names the path and the reason.</exception>
    public static void CheckWritable(string path)
    {
        var target = Path.GetFullPath(path);
        var probe = $"{target}.{Guid.NewGuid():N}.tmp";
        try
        {
            if (Directory.Exists(target))
                throw new IOException("it is a folder");
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            using (new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose))
            {
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"Cannot write '{path}': {exception.Message.TrimEnd('.')}. Choose another path with --output.", exception);
        }
    }
}
