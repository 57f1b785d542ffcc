using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Sconce.Trainers.Native;
using TorchSharp;

namespace Sconce.Trainers;

/// <summary>Loads libtorch, or explains why it cannot be loaded, with a remedy.</summary>
/// <remarks>
/// TorchSharp 0.107.0's native library names the symbol version <c>GLIBCXX_3.4.32</c> (GCC 13) for a single link-time
/// marker that it never calls, so that Debian 12 and Ubuntu 22.04 (3.4.30) refuse to load it. If that happens, a copy
/// in which the version is marked weak is loaded instead. The installed file is not changed, and systems that can
/// load the original library are not affected. If the program's folder belongs to another program, as in F# Interactive or
/// a plug-in, the folders of the assemblies and of their packages are searched.
/// </remarks>
public static class TorchRuntime
{
    private const string LibraryName = "LibTorchSharp";
    private const string UnmetVersion = "GLIBCXX_3.4.32";

    private static readonly Lock _gate = new();
    private static nint _library;
    private static Exception? _failure;

    private static Assembly TorchSharpAssembly => typeof(torch).Assembly;

    /// <summary>Loads libtorch into the process. It is cheap if libtorch is already loaded, and thread-safe.</summary>
    /// <exception cref="DllNotFoundException">The native libraries are missing or the system refuses them. The message names the cause and the remedy.</exception>
    public static void EnsureLoaded()
    {
        if (NativeLibrary.TryLoad(LibraryName, TorchSharpAssembly, null, out _))
            return;

        var directories = SearchDirectories();
        var path = TorchLibraries.Find(TorchLibraries.FileName, directories);
        throw new DllNotFoundException(path is null ? DescribeMissing(directories) : DescribeRefused(path, _failure ?? TryLoad(path)));
    }

    /// <summary>Resolves the library in the folders of the assemblies, or its weakened copy, when .NET's own probing has failed.</summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "TorchSharp loads its library in a static constructor: the resolver has to be registered before a user's first tensor.")]
    internal static void OfferLibrary() =>
        AssemblyLoadContext.GetLoadContext(TorchSharpAssembly)!.ResolvingUnmanagedDll += (_, name) => name == LibraryName ? Load() : 0;

    /// <summary>The folders that are searched for native libraries.</summary>
    internal static IReadOnlyList<string> SearchDirectories() => TorchLibraries.Directories(TorchSharpAssembly, typeof(TorchRuntime).Assembly);

    internal static string DescribeMissing(IEnumerable<string> directories) =>
        $"Cannot load libtorch: TorchSharp's native library ({TorchLibraries.FileName}) was not found in any of the searched folders: {string.Join(", ", directories.Select(directory => $"'{directory}'"))}. " +
        "Reference the package TorchSharp-cpu, in the version that Sconce.Trainers was built with, from the executable project, and build it for this system " +
        $"({RuntimeInformation.RuntimeIdentifier}).";

    internal static string DescribeRefused(string path, Exception? cause)
    {
        var reason = cause?.Message ?? "the reason is not known";
        var remedy = reason.Contains("GLIBC", StringComparison.Ordinal)
                ? "This system's C or C++ library is older than the one TorchSharp was built with: Debian 12, Ubuntu 22.04 or newer is needed"
            : reason.Contains("cannot open shared object file", StringComparison.Ordinal)
                ? "Install the library that is named as missing, or restore the package TorchSharp-cpu again if the missing one is libtorch, libtorch_cpu or libc10"
            : reason.Contains("failed to map", StringComparison.Ordinal) || cause is UnauthorizedAccessException or IOException
                ? "Sconce loads a corrected copy from the temporary folder: set TMPDIR to a folder that is writable and not mounted noexec"
            : "TorchSharp-cpu supports Windows x64, Linux x64 (glibc) and macOS arm64";
        return $"Cannot load libtorch: the system refused {path} ({reason.TrimEnd('.')}). {remedy}.";
    }

    private static nint Load()
    {
        lock (_gate)
        {
            var directories = SearchDirectories();
            if (_library != 0 || TorchLibraries.Find(TorchLibraries.FileName, directories) is not { } path)
                return _library;
            try
            {
                // TorchSharp's library finds its neighbors by name once they are loaded, wherever they are.
                foreach (var neighbor in TorchLibraries.Neighbors)
                    NativeLibrary.Load(TorchLibraries.Find(neighbor, directories) ?? neighbor);
                if (!NativeLibrary.TryLoad(path, out _library) && OperatingSystem.IsLinux())
                    _library = LoadWeakened(path);
            }
            catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException or DllNotFoundException or BadImageFormatException)
            {
                // A resolver must not throw: EnsureLoaded reports the cause.
                _failure = exception;
            }

            return _library;
        }
    }

    private static nint LoadWeakened(string path)
    {
        var library = File.ReadAllBytes(path);
        if (!Native.ElfVersionNeeds.Weaken(library, UnmetVersion))
            return 0;
        var folder = Directory.CreateTempSubdirectory("sconce-");
        try
        {
            var copy = Path.Combine(folder.FullName, "libLibTorchSharp.so");
            File.WriteAllBytes(copy, library);
            return NativeLibrary.Load(copy);
        }
        finally
        {
            // A loaded library no longer needs its file.
            folder.Delete(recursive: true);
        }
    }

    private static Exception? TryLoad(string path)
    {
        try
        {
            NativeLibrary.Free(NativeLibrary.Load(path));
            return null;
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            return exception;
        }
    }
}
