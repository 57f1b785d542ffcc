using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Sconce.Core.Errors;

namespace Sconce.Core.Storage;

/// <summary>Writes a file atomically: to a temporary file beside it, which is flushed to the disk and then renamed.</summary>
/// <remarks>
/// Each write has a temporary file of its own, <c>.NAME.8 digits.tmp</c>, which is locked until it has been renamed, so that two processes
/// can write the same file. The next write deletes temporary files of killed processes, which are not locked.
/// </remarks>
internal static class AtomicFile
{
    private const string Extension = ".tmp";
    private const int RandomDigits = 8;
    private const int LongestName = 200;
    private const int MostAttempts = 100;

    private static readonly SearchValues<char> _digits = SearchValues.Create("0123456789abcdef");

    /// <summary>The error numbers of a full disk, quota or file size limit: ENOSPC, EDQUOT, EFBIG, ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL.</summary>
    private static readonly int[] _full = [28, 122, 27, unchecked((int)0x80070027), unchecked((int)0x80070070)];

    /// <summary>The error numbers of a file that another process has locked: EWOULDBLOCK of Linux and of macOS, ERROR_SHARING_VIOLATION.</summary>
    private static readonly int[] _locked = [11, 35, unchecked((int)0x80070020)];

    /// <summary>Writes <paramref name="path"/>; missing folders are created. If anything fails, an existing file is unchanged, and nothing is left.</summary>
    /// <exception cref="IOException">The file cannot be written, or is a link, a pipe or a device; the message names it and the reason.</exception>
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

    /// <summary>Checks whether a file can be written, before the work whose result is to be written.</summary>
    /// <exception cref="IOException">The file cannot be written; the message names the path and the reason.</exception>
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

    /// <summary>
    /// Creates and locks a temporary file. Where these are two operations, another process may delete it in between, and a new one is created.
    /// </summary>
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
            catch (IOException exception) when (attempt < MostAttempts && (File.Exists(temporary) || _locked.Contains(exception.HResult)))
            {
                // Another write has the same name, or found this file before it was locked, and deletes it.
            }
        }
    }

    /// <summary>The prefix of the names of a file's temporary files, short enough for any name of the file.</summary>
    private static string PrefixOf(string name)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        return bytes.Length <= LongestName ? $".{name}." : $".{Convert.ToHexStringLower(SHA256.HashData(bytes))}.";
    }

    /// <summary>Deletes temporary files of killed processes; those that are locked are being written.</summary>
    private static void DeleteLeft(string folder, string prefix)
    {
        foreach (var file in Directory.EnumerateFiles(folder, $"*{Extension}", new EnumerationOptions { AttributesToSkip = FileAttributes.ReparsePoint, MatchType = MatchType.Simple }))
        {
            var name = Path.GetFileName(file);
            if (name.Length != prefix.Length + RandomDigits + Extension.Length || !name.StartsWith(prefix, StringComparison.Ordinal)
                || name.AsSpan(prefix.Length, RandomDigits).ContainsAnyExcept(_digits))
                continue;
            // The file may be in use, or belong to another user.
            FileOperations.Try(() => new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose).Dispose());
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
            throw new IOException($"Cannot write '{path}': {exception.Message.TrimEnd('.')}. {mend}.", exception).About(file: path);
        }
    }
}
