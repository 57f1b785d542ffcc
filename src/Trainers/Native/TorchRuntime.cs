using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace Sconce.Trainers;

/// <summary>Loads libtorch, or says in one sentence why it cannot be loaded and what mends it.</summary>
/// <remarks>
/// TorchSharp 0.107.0's native library names the symbol version <c>GLIBCXX_3.4.32</c> (GCC 13) for a single link-time
/// marker that it never calls, so that Debian 12 and Ubuntu 22.04 (3.4.30) refuse to load it. Where that happens, a copy
/// in which the version is marked weak is loaded in its place; the installed file is not touched, and no system that can
/// load the library as it comes sees any of this.
/// </remarks>
public static class TorchRuntime
{
    private const string LibraryName = "LibTorchSharp";
    private const string UnmetVersion = "GLIBCXX_3.4.32";

    private static readonly Lock _gate = new();
    private static nint _weakened;
    private static Exception? _failure;

    private static Assembly TorchSharpAssembly => typeof(torch).Assembly;

    /// <summary>Loads libtorch into the process. Cheap when it is loaded already; safe to call from several threads.</summary>
    /// <exception cref="DllNotFoundException">The native libraries are missing or the system refuses them. The message names the cause and the remedy.</exception>
    public static void EnsureLoaded()
    {
        if (NativeLibrary.TryLoad(LibraryName, TorchSharpAssembly, null, out _))
            return;

        var path = FindLibrary(SearchDirectories());
        throw new DllNotFoundException(path is null ? DescribeMissing() : DescribeRefused(path, _failure ?? TryLoadAsIs(path)));
    }

    /// <summary>Offers the weakened copy whenever .NET's own probing has failed to load TorchSharp's native library.</summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "TorchSharp loads its library in a static constructor: the offer has to stand before a user's first tensor.")]
    internal static void OfferWeakenedCopy()
    {
        if (OperatingSystem.IsLinux())
            AssemblyLoadContext.GetLoadContext(TorchSharpAssembly)!.ResolvingUnmanagedDll += (_, name) => name == LibraryName ? LoadWeakened() : 0;
    }

    /// <summary>The folders that .NET probes for native libraries, then the places a build puts them.</summary>
    internal static IEnumerable<string> SearchDirectories()
    {
        var probed = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var runtimes = Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native");
        return [.. probed, AppContext.BaseDirectory, runtimes];
    }

    internal static string? FindLibrary(IEnumerable<string> directories)
    {
        var file = OperatingSystem.IsWindows() ? "LibTorchSharp.dll"
            : OperatingSystem.IsMacOS() ? "libLibTorchSharp.dylib"
            : "libLibTorchSharp.so";
        return directories.Select(directory => Path.Combine(directory, file)).FirstOrDefault(File.Exists);
    }

    internal static string DescribeMissing() =>
        $"Cannot load libtorch: TorchSharp's native library ({LibraryName}) is in none of the folders of this program ({AppContext.BaseDirectory} and its runtimes folder). " +
        "Reference the package TorchSharp-cpu, in the version that Sconce.Trainers was built with, from the program that runs, and build it for this system " +
        $"({RuntimeInformation.RuntimeIdentifier}).";

    internal static string DescribeRefused(string path, Exception? cause)
    {
        var reason = cause?.Message ?? "the reason is not known";
        var remedy = reason.Contains("GLIBC", StringComparison.Ordinal)
                ? "This system's C or C++ library is older than the one TorchSharp was built with: Debian 12, Ubuntu 22.04 or newer is needed"
            : reason.Contains("cannot open shared object file", StringComparison.Ordinal)
                ? "Install the library that is named as missing, or restore the package TorchSharp-cpu again if the missing one is libtorch, libtorch_cpu or libc10"
            : reason.Contains("failed to map", StringComparison.Ordinal) || cause is UnauthorizedAccessException or IOException
                ? "Sconce loads a corrected copy from the temporary folder: set TMPDIR to a folder that can be written and whose programs may run"
            : "TorchSharp-cpu supports Windows x64, Linux x64 (glibc) and macOS arm64";
        return $"Cannot load libtorch: the system refused {path} ({reason.TrimEnd('.')}). {remedy}.";
    }

    private static nint LoadWeakened()
    {
        lock (_gate)
        {
            if (_weakened != 0 || FindLibrary(SearchDirectories()) is not { } path)
                return _weakened;
            try
            {
                var library = File.ReadAllBytes(path);
                if (Native.ElfVersionNeeds.Weaken(library, UnmetVersion))
                    _weakened = LoadCopy(library, Path.GetDirectoryName(path)!);
            }
            catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException or DllNotFoundException or BadImageFormatException)
            {
                // A resolver must answer, not throw: EnsureLoaded tells the cause.
                _failure = exception;
            }

            return _weakened;
        }
    }

    private static nint LoadCopy(byte[] library, string directory)
    {
        // The copy finds its neighbours by name once they are loaded; its own folder ($ORIGIN) holds none of them.
        foreach (var neighbour in (string[])["libc10.so", "libtorch_cpu.so", "libtorch.so"])
            NativeLibrary.Load(Path.Combine(directory, neighbour));

        var folder = Directory.CreateTempSubdirectory("sconce-");
        try
        {
            var copy = Path.Combine(folder.FullName, "libLibTorchSharp.so");
            File.WriteAllBytes(copy, library);
            return NativeLibrary.Load(copy);
        }
        finally
        {
            // A loaded library lives on without its file.
            folder.Delete(recursive: true);
        }
    }

    private static Exception? TryLoadAsIs(string path)
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
