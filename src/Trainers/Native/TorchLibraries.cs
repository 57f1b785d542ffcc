using System.Reflection;
using System.Runtime.InteropServices;

namespace Sconce.Trainers;

/// <summary>Where the native libraries of TorchSharp may be: beside the program, beside the assemblies, or in the packages that these came from.</summary>
internal static class TorchLibraries
{
    /// <summary>What TorchSharp's own library is called in the file system.</summary>
    public static string FileName => OperatingSystem.IsWindows() ? "LibTorchSharp.dll" : OperatingSystem.IsMacOS() ? "libLibTorchSharp.dylib" : "libLibTorchSharp.so";

    /// <summary>The folders of this process, in the order in which they are searched.</summary>
    /// <param name="assemblies">TorchSharp's and Sconce's own.</param>
    /// <remarks>
    /// .NET probes the first ones. In F# Interactive, in an <c>AssemblyLoadContext</c> of a plug-in and the like the program's folder is another program's,
    /// and the libraries are where the assemblies are.
    /// </remarks>
    public static IReadOnlyList<string> Directories(params IReadOnlyList<Assembly> assemblies)
    {
        var probed = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return Directories([.. probed, AppContext.BaseDirectory], [.. assemblies.Select(assembly => assembly.Location).Where(path => path.Length > 0)]);
    }

    /// <summary>The folders themselves, those of the assemblies, and of each the place where a build or a package puts native libraries.</summary>
    internal static IReadOnlyList<string> Directories(IEnumerable<string> own, IReadOnlyList<string> assemblyPaths)
    {
        var folders = own.Concat(assemblyPaths.Select(path => Path.GetDirectoryName(path)!)).Select(Path.TrimEndingDirectorySeparator).ToList();
        return [.. folders.Concat(folders.Select(Native)).Concat(assemblyPaths.SelectMany(OfPackage)).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The first folder that has the file, as a path to it; null where none has.</summary>
    public static string? Find(string file, IEnumerable<string> directories) => directories.Select(directory => Path.Combine(directory, file)).FirstOrDefault(File.Exists);

    private static string Native(string folder) => Path.Combine(folder, "runtimes", RuntimeInformation.RuntimeIdentifier, "native");

    /// <summary>An assembly in NuGet's folder is at <c>PACKAGES/id/version/lib/framework/name.dll</c>; libtorch itself is in packages beside TorchSharp's.</summary>
    private static IEnumerable<string> OfPackage(string assembly)
    {
        if (Path.GetDirectoryName(assembly) is not { } framework || Path.GetDirectoryName(framework) is not { } lib || Path.GetFileName(lib) != "lib"
            || Path.GetDirectoryName(lib) is not { } version || Path.GetDirectoryName(Path.GetDirectoryName(version)) is not { Length: > 0 } packages)
        {
            return [];
        }

        var libtorch = Path.Combine(packages, $"libtorch-cpu-{RuntimeInformation.RuntimeIdentifier}");
        // Of several versions the one that goes with TorchSharp's is not known here; the newest is the likeliest.
        var versions = Directory.Exists(libtorch) ? Directory.GetDirectories(libtorch).OrderByDescending(path => Version.TryParse(Path.GetFileName(path), out var number) ? number : new()) : Enumerable.Empty<string>();
        return [Native(version), .. versions.Select(Native)];
    }
}
