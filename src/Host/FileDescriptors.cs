using System.Runtime.InteropServices;

namespace Sconce.Host;

/// <summary>The open files that the system allows to this process, and the three that every process has.</summary>
internal static partial class FileDescriptors
{
    /// <summary>What .NET, ML.NET and libtorch open before a small model scores its first row, and as many again.</summary>
    private const int Least = 128;

    private const int StandardError = 2;

    /// <summary>Says so on the standard error if there are too few, in which case assemblies could not be loaded in the middle of the work.</summary>
    /// <remarks>It uses nothing outside this assembly and the system's library, as each file that is loaded takes one.</remarks>
    public static bool Suffice()
    {
        var limit = default(Limit);
        // .NET has raised the soft limit to the hard one already.
        if (OperatingSystem.IsWindows() || GetLimit(OperatingSystem.IsMacOS() ? 8 : 7, ref limit) != 0 || limit.Current >= Least)
            return true;
        byte[] message = [.. "sconce: The system allows this process too few open files (ulimit -n); at least 128 are needed. Raise the limit, to 1024 as a rule.\n"u8];
        _ = Write(StandardError, message, message.Length);
        return false;
    }

    /// <summary>Puts the null device in the place of a standard stream that was closed: the next file that is opened would get its number, and what is printed.</summary>
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
