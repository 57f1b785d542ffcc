using System.Runtime.InteropServices;

namespace Sconce.Host;

/// <summary>The limit on open files, and the three standard streams.</summary>
internal static partial class FileDescriptors
{
    /// <summary>Twice the number of files that .NET, ML.NET, and libtorch open before a small model scores its first row.</summary>
    private const int Least = 128;

    private const int StandardError = 2;

    /// <summary>Reports on standard error if the limit is too low to load all assemblies.</summary>
    /// <remarks>Uses nothing outside this assembly and libc, as loading an assembly opens a file.</remarks>
    public static bool Suffice()
    {
        var limit = default(Limit);
        // .NET has raised the soft limit to the hard one already.
        if (OperatingSystem.IsWindows() || GetLimit(OperatingSystem.IsMacOS() ? 8 : 7, ref limit) != 0 || limit.Current >= Least)
            return true;
        byte[] message = [.. "sconce: The limit on open files is too low (ulimit -n); at least 128 are needed. Raise the limit, for example to 1024.\n"u8];
        _ = Write(StandardError, message, message.Length);
        return false;
    }

    /// <summary>Opens the null device for each closed standard stream: otherwise the next file that is opened would take its number, and receive what is printed.</summary>
    public static void FillStandardStreams()
    {
        if (OperatingSystem.IsWindows())
            return;
        int opened;
        do
            opened = Open("/dev/null", 2);
        while (opened is >= 0 and <= StandardError);
        _ = Close(opened);
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, ref Limit limit);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int descriptor, byte[] bytes, nint count);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    private struct Limit
    {
        public nuint Current;
        public nuint Maximal;
    }
}
