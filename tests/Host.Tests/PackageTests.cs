using System.Diagnostics;
using System.IO.Compression;
using System.Reflection.Metadata;
using System.Runtime.InteropServices;
using System.Text;
using System.Xml.Linq;

namespace Sconce.Host.Tests;

/// <summary>The packages as others get them: what is in them, and that a program with nothing but them trains, saves, loads and scores.</summary>
/// <remarks>They are packed from what has been built for these tests, into a folder of their own, under a version that no cache has.</remarks>
public sealed class PackageTests(PackageTests.Packed packages) : IClassFixture<PackageTests.Packed>
{
    private static readonly string[] _names = ["Sconce.Core", "Sconce.Files", "Sconce.Trainers", "Sconce.Pipelines"];

    /// <summary>A fresh program: the sample, copied away from the repository, with the packages' folder as a source and no package of Sconce's from elsewhere.</summary>
    [Fact]
    public void A_fresh_program_trains_saves_loads_and_scores()
    {
        var program = Directory.CreateDirectory(packages.PathOf("program")).FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(Cli.RepositoryRoot, "samples", "BringYourOwn")))
            File.Copy(file, Path.Combine(program, Path.GetFileName(file)));
        // Everything but Sconce's packages is on this machine already: it is taken from there, and libtorch is not fetched again.
        File.WriteAllText(Path.Combine(program, "NuGet.config"), new XElement(
            "configuration",
            new XElement("config", Add("globalPackagesFolder", packages.PathOf("packages"))),
            new XElement("packageSources", Add("packed here", packages.Feed)),
            new XElement("fallbackPackageFolders", Add("this machine's", GlobalPackages))).ToString());

        var built = Packed.Dotnet(program, "build", "-c", "Release", $"-p:SconceVersion={packages.Version}", "-p:CreateHardLinksForCopyLocalIfPossible=true");
        Assert.True(built.ExitCode == 0, built.Output);
        Assert.All(_names, name => Assert.True(Directory.Exists(packages.PathOf(Path.Combine("packages", name.ToLowerInvariant(), packages.Version))), name));

        var assembly = Assert.Single(Directory.GetFiles(Path.Combine(program, "bin"), "BringYourOwn.dll", SearchOption.AllDirectories));
        var trained = Packed.Dotnet(program, assembly, "own.zip");
        Assert.True(trained.ExitCode == 0, trained.Output);
        Assert.Matches("^accuracy 0\\.9[0-9]+, log-loss 0\\.[0-9]+$", trained.Output.Trim());
        Assert.Equal(trained, Packed.Dotnet(program, assembly, "own.zip"));
    }

    /// <summary>The tool, installed from its package into a folder of its own, has all that it needs, MNIST and libtorch included.</summary>
    [Fact]
    public void The_installed_tool_trains()
    {
        // bin/CONFIGURATION/net10.0/RID: one system's native libraries are here.
        packages.Pack("Host/Sconce.Host.csproj", $"-p:ToolPackageRuntimeIdentifiers={new DirectoryInfo(AppContext.BaseDirectory).Name}");
        var tool = Directory.CreateDirectory(packages.PathOf("tool")).FullName;
        var installed = Packed.Dotnet(tool, "tool", "install", "sconce", "--version", packages.Version, "--tool-path", tool, "--source", packages.Feed);
        Assert.True(installed.ExitCode == 0, installed.Output);

        var trained = Packed.Run(tool, Path.Combine(tool, "sconce"), "train", "softmax", "--steps", "1", "--output", "model.zip");
        Assert.True(trained.ExitCode == 0, trained.Output);
        Assert.Contains("of 10,000 test images right", trained.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(tool, "model.zip")));
    }

    [Theory]
    [InlineData("Sconce.Trainers", "MIT", "Microsoft.ML", "TorchSharp-cpu")]
    [InlineData("Sconce.Pipelines", "MIT AND CC-BY-SA-3.0 AND Bitstream-Vera", "Microsoft.ML", "Sconce.Trainers")]
    public void A_package_says_what_it_is(string name, string licence, params string[] dependencies)
    {
        using var package = packages.Open($"{name}.{packages.Version}.nupkg");
        Assert.Contains($"lib/net10.0/{name}.dll", package.Entries.Select(entry => entry.FullName));
        Assert.Contains("<summary>", Encoding.UTF8.GetString(Read(package, $"lib/net10.0/{name}.xml")), StringComparison.Ordinal);
        Assert.StartsWith($"# {name}", Encoding.UTF8.GetString(Read(package, "README.md")), StringComparison.Ordinal);

        var metadata = XDocument.Load(new MemoryStream(Read(package, $"{name}.nuspec"))).Root!.Elements().First();
        Assert.Equal(licence, Value("license"));
        Assert.Equal("README.md", Value("readme"));
        Assert.NotEmpty(Value("description")!);
        Assert.Null(Value("repository"));
        Assert.Null(Value("projectUrl"));
        var found = metadata.Descendants().Where(element => element.Name.LocalName == "dependency").ToDictionary(element => element.Attribute("id")!.Value, element => element.Attribute("version")!.Value);
        Assert.Subset(found.Keys.ToHashSet(), dependencies.ToHashSet());
        // What only builds it is nobody else's.
        Assert.DoesNotContain(found.Keys, id => id is "Mono.Cecil" or "Meziantou.Analyzer" || id.Contains("Analyzers", StringComparison.Ordinal));
        // They share what is internal, so that no other version will do.
        if (name != "Sconce.Trainers")
            Assert.Equal($"[{packages.Version}]", found["Sconce.Trainers"]);

        string? Value(string element) => metadata.Elements().SingleOrDefault(found => found.Name.LocalName == element)?.Value;
    }

    [Theory]
    [InlineData("Sconce.Trainers")]
    [InlineData("Sconce.Pipelines")]
    public void Neither_a_package_nor_its_symbols_tell_of_the_machine(string name)
    {
        using var package = packages.Open($"{name}.{packages.Version}.nupkg");
        foreach (var entry in (string[])[$"lib/net10.0/{name}.dll", $"lib/net10.0/{name}.xml", $"{name}.nuspec"])
        {
            var text = Encoding.Latin1.GetString(Read(package, entry));
            Assert.DoesNotContain(Cli.RepositoryRoot, text, StringComparison.Ordinal);
            Assert.DoesNotContain(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + Path.DirectorySeparatorChar, text, StringComparison.Ordinal);
        }

        using var symbols = packages.Open($"{name}.{packages.Version}.snupkg");
        using var provider = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(Read(symbols, $"lib/net10.0/{name}.pdb")));
        var reader = provider.GetMetadataReader();
        var sources = reader.Documents.Select(document => reader.GetString(reader.GetDocument(document).Name)).ToList();
        Assert.NotEmpty(sources);
        Assert.All(sources, source => Assert.StartsWith($"/_/{name.Split('.')[1]}/", source, StringComparison.Ordinal));
    }

    private static string GlobalPackages =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static XElement Add(string key, string value) => new("add", new XAttribute("key", key), new XAttribute("value", value));

    private static byte[] Read(ZipArchive archive, string name) => Read(archive.GetEntry(name) ?? throw new FileNotFoundException(name));

    private static byte[] Read(ZipArchiveEntry entry)
    {
        using var stream = entry.Open();
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }

    /// <summary>Packs the libraries, once for all tests here.</summary>
    public sealed class Packed : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sconce-packages-");

        public Packed()
        {
            foreach (var project in (string[])["Core/Sconce.Core.csproj", "Files/Sconce.Files.csproj", "Trainers/Sconce.Trainers.csproj", "Pipelines/Sconce.Pipelines.csproj"])
                Pack(project);
        }

        public string Version { get; } = $"0.1.0-test.{DateTime.UtcNow:yyyyMMddHHmmss}";

        public string Feed => PathOf("feed");

        public string PathOf(string name) => Path.Combine(_folder.FullName, name);

        public ZipArchive Open(string name) => ZipFile.OpenRead(Path.Combine(Feed, name));

        public void Dispose() => _folder.Delete(recursive: true);

        /// <summary>Packs a project of the repository into the feed.</summary>
        public void Pack(string project, params string[] properties)
        {
            // bin/CONFIGURATION/net10.0/RID: what was built with these tests is packed as it is.
            var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Parent!.Name;
            var packed = Dotnet(Cli.RepositoryRoot, ["pack", Path.Combine("src", project), "--no-build", "-c", configuration, "-o", Feed, $"-p:Version={Version}", .. properties]);
            Assert.True(packed.ExitCode == 0, packed.Output);
        }

        /// <summary>Runs <c>dotnet</c>; what it leaves running would hold its output open, so it leaves nothing.</summary>
        public static (int ExitCode, string Output) Dotnet(string folder, params string[] arguments) =>
            Run(folder, "dotnet", arguments[0] is "build" or "pack" ? [.. arguments, "-nodeReuse:false", "-p:UseSharedCompilation=false", "-v", "quiet", "-nologo"] : arguments);

        public static (int ExitCode, string Output) Run(string folder, string command, params string[] arguments)
        {
            var start = new ProcessStartInfo(command, arguments)
            {
                WorkingDirectory = folder,
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            // The tests' own build is nothing to this one.
            foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
                start.Environment.Remove(name);
            // A tool looks for the runtime where it is installed for all: this one may be elsewhere.
            start.Environment.TryAdd("DOTNET_ROOT", Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..")));
            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + error.GetAwaiter().GetResult());
        }
    }
}
