using System.Formats.Tar;

namespace Sconce.Core.Storage;

/// <summary>Pipes, sockets and devices, which stand among files: who reads one may wait for ever, and who writes a file in its place takes it away.</summary>
internal static class SpecialFile
{
    /// <summary>What is thrown for what no archive holds; whatever else fails has the system's own number.</summary>
    private const int NotArchived = unchecked((int)0x80131620);

    /// <summary>Checks that a path is of a file, of a folder or of nothing yet: what else has a name would be replaced by a file.</summary>
    /// <param name="path">The path.</param>
    /// <param name="mend">What mends it where it is a pipe, a socket or a device.</param>
    /// <exception cref="IOException">It is a link, a pipe, a socket or a device.</exception>
    public static void Refuse(string path, string mend = "Choose another path.")
    {
        if (Directory.Exists(path))
            return;
        if (Is(path))
            throw new IOException($"'{path}' is a pipe, a socket or a device, and no file, which would take its place. {mend}");
        if (RealPath.TargetOf(path) is { } target)
            throw new IOException($"'{path}' is a link to '{target}', which a file would take the place of. Name that file itself, or choose another path.");
    }

    /// <summary>Whether a path, or the link that it is, leads to one. Nothing but a file is opened.</summary>
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
            // .NET tells what kind a file is nowhere but here.
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
