using System.Reflection;
using System.Runtime.InteropServices;
using System.Xml;
using System.Xml.Linq;

namespace Sconce.Trainers.Native;

/// <summary>
/// The places of TorchSharp's native libraries: beside the program, beside the assemblies, or in the packages that the assemblies came
/// from.
/// </summary>
internal static class TorchLibraries
{
    /// <summary>The file name of TorchSharp's own library.</summary>
    public static string FileName => FileOf("LibTorchSharp", System);

    /// <summary>The files of libtorch that TorchSharp's library needs, in the order in which they need one another.</summary>
    public static IReadOnlyList<string> Neighbors => [FileOf("c10", System), FileOf("torch_cpu", System), FileOf("torch", System)];

    private static OSPlatform System => OperatingSystem.IsWindows() ? OSPlatform.Windows : OperatingSystem.IsMacOS() ? OSPlatform.OSX : OSPlatform.Linux;

    /// <summary>The file name of a library on an operating system.</summary>
    internal static string FileOf(string library, OSPlatform system) =>
        system == OSPlatform.Windows ? $"{library}.dll" : system == OSPlatform.OSX ? $"lib{library}.dylib" : $"lib{library}.so";

    /// <summary>The folders of this process, in the order in which they are searched.</summary>
    /// <param name="assemblies">TorchSharp's and Sconce's own.</param>
    /// <remarks>
    /// .NET probes the first folders. In F# Interactive or an <c>AssemblyLoadContext</c> of a plug-in, the program's folder belongs to
    /// another program, and the libraries are where the assemblies are.
    /// </remarks>
    public static IReadOnlyList<string> Directories(params IReadOnlyList<Assembly> assemblies)
    {
        var probed = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return Directories([.. probed, AppContext.BaseDirectory], [.. assemblies.Select(assembly => assembly.Location).Where(path => path.Length > 0)]);
    }

    /// <summary>
    /// The folders themselves, the folders of the assemblies, and in each the subfolder where a build or a package puts native libraries.
    /// </summary>
    internal static IReadOnlyList<string> Directories(IEnumerable<string> own, IReadOnlyList<string> assemblyPaths)
    {
        var folders = own.Concat(assemblyPaths.Select(path => Path.GetDirectoryName(path)!)).Select(Path.TrimEndingDirectorySeparator).ToList();
        return [.. folders.Concat(folders.Select(Native)).Concat(assemblyPaths.SelectMany(OfPackage)).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The path of the file in the first folder that has it; null if none does.</summary>
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
        var named = VersionOfLibtorch(Path.Combine(packages, "torchsharp-cpu", Path.GetFileName(version), "torchsharp-cpu.nuspec"));
        var versions = Directory.Exists(libtorch)
            ? Directory.GetDirectories(libtorch)
                .OrderByDescending(path => Path.GetFileName(path) == named)
                .ThenByDescending(path => Version.TryParse(Path.GetFileName(path), out var number) ? number : new())
            : Enumerable.Empty<string>();
        return [Native(version), .. versions.Select(Native)];
    }

    /// <summary>The version of libtorch that a version of TorchSharp was built with; null if its package does not state it.</summary>
    private static string? VersionOfLibtorch(string nuspec)
    {
        if (!File.Exists(nuspec))
            return null;
        try
        {
            return XDocument.Load(nuspec).Descendants()
                .FirstOrDefault(element => element.Name.LocalName == "dependency" && string.Equals((string?)element.Attribute("id"), "libtorch-cpu", StringComparison.OrdinalIgnoreCase))
                ?.Attribute("version")?.Value.Trim('[', ']');
        }
        // Then the newest version is searched first: a resolver must not throw.
        catch (Exception exception) when (exception is XmlException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
