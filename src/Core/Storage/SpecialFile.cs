using System.Formats.Tar;
using Sconce.Core.Errors;

namespace Sconce.Core.Storage;

/// <summary>Pipes, sockets and devices: reading one may block forever, and replacing it by a file destroys it.</summary>
internal static class SpecialFile
{
    /// <summary>The HResult for files that archives cannot contain; other failures have the number of the system.</summary>
    private const int NotArchived = unchecked((int)0x80131620);

    /// <summary>Throws if a path exists and is neither a file nor a folder.</summary>
    /// <param name="path">The path.</param>
    /// <param name="mend">The remedy, if it is a pipe, a socket or a device.</param>
    /// <exception cref="IOException">The path is a link, a pipe, a socket or a device.</exception>
    public static void Refuse(string path, string mend = "Choose another path.")
    {
        if (Directory.Exists(path))
            return;
        if (Is(path))
            throw new IOException($"'{path}' is a pipe, a socket or a device, not a file, and would be replaced. {mend}").About(file: path);
        if (RealPath.TargetOf(path) is { } target)
        {
            throw new IOException($"'{path}' is a link to '{target}', and would be replaced by a file. Pass that path itself, or choose another one.")
                .About(file: path);
        }
    }

    /// <summary>Whether a path, after following links, is a pipe, a socket or a device. It is not opened unless it is a file.</summary>
    public static bool Is(string path)
    {
        var real = RealPath.Of(path);
        // None of them has a length.
        if (OperatingSystem.IsWindows())
            return false;
        var file = new FileInfo(real);
        // A pipe without a name, as a shell's <(...) is, has a link that leads to no path: "pipe:[4711]".
        if (!file.Exists)
            return file.Name.EndsWith(']') && (file.Name.StartsWith("pipe:[", StringComparison.Ordinal) || file.Name.StartsWith("socket:[", StringComparison.Ordinal)) && RealPath.TargetOf(path) is not null;
        if (file.Length > 0)
            return false;
        try
        {
            // .NET has no other API for the kind of a file.
            using var archive = new MemoryStream();
            using (var writer = new TarWriter(archive, leaveOpen: true))
                writer.WriteEntry(real, "file");
            archive.Position = 0;
            using var reader = new TarReader(archive);
            return reader.GetNextEntry()?.EntryType is TarEntryType.Fifo or TarEntryType.CharacterDevice or TarEntryType.BlockDevice;
        }
        catch (IOException exception)
        {
            return exception.HResult == NotArchived;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }
}
