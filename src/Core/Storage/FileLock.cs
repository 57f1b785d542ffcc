namespace Sconce.Core.Storage;

/// <summary>Lock files: each is held by one process at a time, and the system releases it when the process ends in any way.</summary>
internal static class FileLock
{
    /// <summary>Locks a file until the result is disposed. The file is created if it does not exist.</summary>
    /// <param name="path">The lock file.</param>
    /// <param name="stays">Whether the lock file stays after release. If it were deleted, another process could lock a file that no longer exists.</param>
    /// <returns>Null if the file is already locked.</returns>
    /// <exception cref="IOException">The file cannot be created.</exception>
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
