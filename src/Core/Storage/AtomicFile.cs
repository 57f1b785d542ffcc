using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Sconce.Core.Storage;

/// <summary>Writes a file whole or not at all: to a temporary file beside it, flushed to the disk, then renamed over it.</summary>
/// <remarks>
/// Every save has a temporary file of its own, <c>.NAME.8 digits.tmp</c>, which is locked until it has been renamed, so that two processes
/// may save the same file. What a process that was killed has left of one is not locked, and the next save of the file deletes it.
/// </remarks>
internal static class AtomicFile
{
    private const string Extension = ".tmp";
    private const int RandomDigits = 8;
    private const int LongestName = 200;
    private const int MostAttempts = 100;

    private static readonly SearchValues<char> _digits = SearchValues.Create("0123456789abcdef");

    /// <summary>The system's numbers for a disk, a quota or a file that is full: ENOSPC, EDQUOT and EFBIG; ERROR_HANDLE_DISK_FULL and ERROR_DISK_FULL.</summary>
    private static readonly int[] _full = [28, 122, 27, unchecked((int)0x80070027), unchecked((int)0x80070070)];

    /// <summary>Writes <paramref name="path"/>; a missing folder is made. Whatever goes wrong, an existing file stays as it was and no part of the new one is left.</summary>
    /// <exception cref="IOException">The file cannot be written, or would take the place of a link, a pipe or a device; the message names it and the reason.</exception>
    public static void Write(string path, Action<Stream> write) => Write(path, write, FileOperations.Real);

    internal static void Write(string path, Action<Stream> write, FileOperations files)
    {
        using var file = Create(path, files);
        Guard(path, () =>
        {
            write(file.Content);
            file.Publish();
            return true;
        });
    }

    /// <summary>Finds out whether <see cref="Write(string, Action{Stream})"/> could begin, before the work whose result it would write.</summary>
    /// <exception cref="IOException">It could not; the message names the path and the reason.</exception>
    public static void CheckWritable(string path) => Create(path, FileOperations.Real).Dispose();

    private static NewFile Create(string path, FileOperations files)
    {
        SpecialFile.Refuse(path);
        return Guard(path, () =>
        {
            var target = Path.GetFullPath(path);
            if (Directory.Exists(target))
                throw new IOException("it is a folder");
            var folder = Path.GetDirectoryName(target)!;
            Directory.CreateDirectory(folder);
            var prefix = PrefixOf(Path.GetFileName(target));
            DeleteLeft(folder, prefix);
            return Create(files, target, Path.Combine(folder, prefix));
        });
    }

    /// <summary>Makes a temporary file and locks it. Where that is not one step, another process may take it for one that was left in between, and a new one is made.</summary>
    private static NewFile Create(FileOperations files, string target, string prefix)
    {
        for (var attempt = 1; ; attempt++)
        {
            var temporary = $"{prefix}{RandomNumberGenerator.GetHexString(RandomDigits, lowercase: true)}{Extension}";
            try
            {
                var content = files.CreateNew(temporary);
                if (File.Exists(temporary))
                    return new NewFile(files, target, temporary, content);
                content.Dispose();
            }
            catch (IOException) when (attempt < MostAttempts && File.Exists(temporary))
            {
            }
        }
    }

    /// <summary>What the names of a file's temporary files begin with. They are no longer than a name may be, however long the file's is.</summary>
    private static string PrefixOf(string name)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        return bytes.Length <= LongestName ? $".{name}." : $".{Convert.ToHexStringLower(SHA256.HashData(bytes))}.";
    }

    /// <summary>Deletes what processes that were killed have left of the file; what is locked is being written.</summary>
    private static void DeleteLeft(string folder, string prefix)
    {
        foreach (var file in Directory.EnumerateFiles(folder, $"*{Extension}", new EnumerationOptions { AttributesToSkip = FileAttributes.ReparsePoint, MatchType = MatchType.Simple }))
        {
            var name = Path.GetFileName(file);
            if (name.Length != prefix.Length + RandomDigits + Extension.Length || !name.StartsWith(prefix, StringComparison.Ordinal)
                || name.AsSpan(prefix.Length, RandomDigits).ContainsAnyExcept(_digits))
                continue;
            try
            {
                new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose).Dispose();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It is being written, or is another user's.
            }
        }
    }

    private static T Guard<T>(string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception exception) when (exception is IOException and not FileNotFoundException or UnauthorizedAccessException)
        {
            var mend = Array.IndexOf(_full, exception.HResult) < 0 ? "Choose another path, or make this one writable" : "Free space there, or choose another path";
            throw new IOException($"Cannot write '{path}': {exception.Message.TrimEnd('.')}. {mend}.", exception);
        }
    }
}
