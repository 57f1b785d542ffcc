namespace Sconce.Pipelines.Scoring.Parts;

/// <summary>Files that are held by one run at a time, of this process or of another; the system frees them with the process, however that ends.</summary>
internal static class RunLock
{
    /// <summary>Takes hold of a file, which is made where it is not there, until the result is disposed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="stays">Whether the file is left when it is let go.</param>
    /// <returns>Null where another holds it.</returns>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static FileStream? TryHold(string path, bool stays = false)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, stays ? FileOptions.None : FileOptions.DeleteOnClose);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }
}
