using System.Diagnostics;
using System.Runtime.InteropServices;
using Sconce.Trainers.Native;
using TorchSharp;

namespace Sconce.Trainers.Tests.Native;

public sealed class TorchRuntimeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static string LibraryFile => TorchLibraries.FileName;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Loading_is_safe_from_several_threads_and_any_number_of_times()
    {
        Parallel.For(0, 16, _ => TorchRuntime.EnsureLoaded());
        using var sum = torch.ones(3).sum();
        Assert.Equal(3, sum.item<float>());
    }

    [Fact]
    public void The_library_is_found_where_this_program_has_it()
    {
        var path = TorchLibraries.Find(LibraryFile, TorchRuntime.SearchDirectories());
        Assert.NotNull(path);
        Assert.Equal(LibraryFile, Path.GetFileName(path));
        Assert.True(new FileInfo(path).Length > 100_000);
    }

    [Fact]
    public void The_first_folder_that_has_the_library_is_taken()
    {
        var second = Directory.CreateDirectory(_folder.PathOf("second")).FullName;
        var third = Directory.CreateDirectory(_folder.PathOf("third")).FullName;
        File.WriteAllBytes(Path.Combine(second, LibraryFile), []);
        File.WriteAllBytes(Path.Combine(third, LibraryFile), []);
        Assert.Equal(Path.Combine(second, LibraryFile), TorchLibraries.Find(LibraryFile, [_folder.PathOf("none"), _folder.FullName, second, third]));
    }

    [Fact]
    public void No_folder_that_has_the_library_gives_none()
    {
        File.WriteAllBytes(_folder.PathOf("something else"), []);
        Directory.CreateDirectory(_folder.PathOf(LibraryFile));
        Assert.Null(TorchLibraries.Find(LibraryFile, []));
        Assert.Null(TorchLibraries.Find(LibraryFile, [_folder.FullName, _folder.PathOf("none")]));
    }

    /// <summary>As in F# Interactive, and as with a plug-in of another program.</summary>
    [Fact]
    public void The_folders_of_the_assemblies_and_of_their_packages_are_searched_after_the_program_s_own()
    {
        var native = Path.Combine("runtimes", RuntimeInformation.RuntimeIdentifier, "native");
        var torchSharp = _folder.PathOf(Path.Combine("torchsharp", "0.107.0"));
        var libtorch = _folder.PathOf($"libtorch-cpu-{RuntimeInformation.RuntimeIdentifier}");
        foreach (var version in (string[])["2.9.0", "2.10.0", "2.8.0"])
            Directory.CreateDirectory(Path.Combine(libtorch, version));
        var framework = Path.Combine(torchSharp, "lib", "net6.0");
        Assert.Equal(
            [
                "/host", framework, "/plugin",
                Path.Combine("/host", native), Path.Combine(framework, native), Path.Combine("/plugin", native),
                Path.Combine(torchSharp, native), .. Versions("2.10.0", "2.9.0", "2.8.0"),
            ],
            Searched());

        // The version that TorchSharp was built with comes first, where its package names it.
        var package = Directory.CreateDirectory(_folder.PathOf(Path.Combine("torchsharp-cpu", "0.107.0"))).FullName;
        var nuspec = Path.Combine(package, "torchsharp-cpu.nuspec");
        File.WriteAllText(nuspec, """
            <package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd"><metadata><dependencies><group targetFramework="net8.0">
              <dependency id="libtorch-cpu" version="2.9.0" exclude="Build,Analyzers" /><dependency id="TorchSharp" version="0.107.0" />
            </group></dependencies></metadata></package>
            """);
        Assert.Equal(Versions("2.9.0", "2.10.0", "2.8.0"), Searched().TakeLast(3));
        File.WriteAllText(nuspec, "<package>");
        Assert.Equal(Versions("2.10.0", "2.9.0", "2.8.0"), Searched().TakeLast(3));

        IReadOnlyList<string> Searched() => TorchLibraries.Directories(["/host/"], [Path.Combine(framework, "TorchSharp.dll"), "/plugin/Sconce.Trainers.dll"]);
        IEnumerable<string> Versions(params string[] versions) => versions.Select(version => Path.Combine(libtorch, version, native));
    }

    [Fact]
    public void Libraries_have_the_names_of_their_system()
    {
        Assert.Equal("c10.dll", TorchLibraries.FileOf("c10", OSPlatform.Windows));
        Assert.Equal("libtorch_cpu.dylib", TorchLibraries.FileOf("torch_cpu", OSPlatform.OSX));
        Assert.Equal("libtorch.so", TorchLibraries.FileOf("torch", OSPlatform.Linux));
        // Each of them is among this system's.
        Assert.All(TorchLibraries.Neighbors, file => Assert.NotNull(TorchLibraries.Find(file, TorchRuntime.SearchDirectories())));
    }

    /// <summary>A program that has a plug-in in a folder of its own, loaded by a context of its own.</summary>
    [Fact]
    public async Task A_plug_in_in_another_folder_than_the_program_s_loads_its_own_libraries()
    {
        // The script's host is the compiler of F#; what it loads lies in this test's folder.
        var script = _folder.PathOf("plugin.fsx");
        await File.WriteAllTextAsync(script, $"""
            open System.IO
            open System.Reflection
            open System.Runtime.Loader
            let folder = "{AppContext.BaseDirectory}"
            type Plugin() =
                inherit AssemblyLoadContext("plugin")
                override this.Load(name: AssemblyName) =
                    let path = Path.Combine(folder, name.Name + ".dll")
                    if File.Exists(path) then this.LoadFromAssemblyPath(path) else null
            let plugin = Plugin().LoadFromAssemblyPath(Path.Combine(folder, "Sconce.Trainers.dll"))
            plugin.GetType("Sconce.Trainers.TorchRuntime").GetMethod("EnsureLoaded").Invoke(null, null) |> ignore
            printfn "loaded"
            """, TestContext.Current.CancellationToken);
        var start = new ProcessStartInfo("dotnet", ["fsi", script]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Equal("loaded", (await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken) + await error).Trim());
    }

    [Fact]
    public void Only_one_systems_libraries_are_in_the_output_folder()
    {
        var others = (string[])["*.dll", "*.dylib", "*.so"];
        var native = others.SelectMany(pattern => Directory.EnumerateFiles(AppContext.BaseDirectory, pattern, SearchOption.AllDirectories))
            .Select(Path.GetFileName)
            .Where(name => name!.Contains("LibTorchSharp", StringComparison.Ordinal));
        Assert.Equal([LibraryFile], native);
    }

    [Fact]
    public void A_missing_library_names_the_places_the_package_and_the_system()
    {
        var sentence = new DllNotFoundException(TorchRuntime.DescribeMissing(["/app", "/plugin/runtimes"]));
        Sentence.Has(sentence, "Cannot load libtorch", LibraryFile, "'/app', '/plugin/runtimes'", "Reference the package TorchSharp-cpu", RuntimeInformation.RuntimeIdentifier);
    }

    public static TheoryData<Exception?, string[]> Causes => new()
    {
        {
            new DllNotFoundException("/lib/x86_64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /app/libLibTorchSharp.so)"),
            ["GLIBCXX_3.4.32' not found", "C or C++ library is older", "Debian 12, Ubuntu 22.04 or newer is needed"]
        },
        {
            new DllNotFoundException("/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found"),
            ["GLIBC_2.34' not found", "C or C++ library is older", "Debian 12, Ubuntu 22.04 or newer is needed"]
        },
        {
            new DllNotFoundException("libgomp-98b21ff3.so.1: cannot open shared object file: No such file or directory"),
            ["libgomp-98b21ff3.so.1: cannot open shared object file", "Install the library that is named as missing", "restore the package TorchSharp-cpu again"]
        },
        {
            new DllNotFoundException("/tmp/sconce-x/libLibTorchSharp.so: failed to map segment from shared object"),
            ["failed to map segment", "set TMPDIR to a folder that is writable and not mounted noexec"]
        },
        { new UnauthorizedAccessException("Access to the path '/tmp/sconce-x' is denied."), ["Access to the path '/tmp/sconce-x' is denied", "set TMPDIR"] },
        { new IOException("No space left on device"), ["No space left on device", "set TMPDIR"] },
        { new BadImageFormatException("An attempt was made to load a program with an incorrect format."), ["incorrect format", "Windows x64, Linux x64 (glibc) and macOS arm64"] },
        { null, ["the reason is not known", "Windows x64, Linux x64 (glibc) and macOS arm64"] },
    };

    [Theory]
    [MemberData(nameof(Causes))]
    public void A_refused_library_is_told_of_with_path_cause_and_remedy(Exception? cause, string[] said)
    {
        var sentence = new DllNotFoundException(TorchRuntime.DescribeRefused("/app/libLibTorchSharp.so", cause));
        Sentence.Has(sentence, ["Cannot load libtorch: the system refused /app/libLibTorchSharp.so (", .. said]);
        Assert.EndsWith(".", sentence.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("..", sentence.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(".)", sentence.Message, StringComparison.Ordinal);
    }
}
