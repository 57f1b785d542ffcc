using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Sconce.Architecture.Tests;

/// <summary>The built assemblies of the product, with the source folder of each of their types.</summary>
internal sealed class House : IDisposable
{
    private readonly DefaultAssemblyResolver _resolver = new();

    public House()
    {
        _resolver.AddSearchDirectory(AppContext.BaseDirectory);
        _resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(object).Assembly.Location)!);
        Modules = Projects.ToDictionary(project => project, project => ModuleDefinition.ReadModule(
            Path.Combine(AppContext.BaseDirectory, project == "Host" ? "sconce.dll" : $"Sconce.{project}.dll"),
            new ReaderParameters { AssemblyResolver = _resolver, ReadSymbols = true, SymbolReaderProvider = new PortablePdbReaderProvider() }));
    }

    /// <summary>The folders of <c>src</c>, each of which is a project.</summary>
    public static IReadOnlyList<string> Projects { get; } = ["Core", "Files", "Trainers", "Pipelines", "Host"];

    public IReadOnlyDictionary<string, ModuleDefinition> Modules { get; }

    /// <summary>The libraries, which know nothing of a command line.</summary>
    public IEnumerable<ModuleDefinition> Libraries => Projects.Where(project => project != "Host").Select(project => Modules[project]);

    /// <summary>The types that are written in the project's source files, but those that are nested in others.</summary>
    public IEnumerable<(TypeDefinition Type, string Folder)> TypesOf(string project) =>
        from type in Modules[project].Types
        let folder = FolderOf(type)
        where folder is not null && folder.StartsWith(project, StringComparison.Ordinal)
        select (type, folder);

    /// <summary>The folders of <c>src</c> whose types a type uses, in its own code and in that of the types nested in it.</summary>
    public IEnumerable<string> FoldersUsedBy(TypeDefinition type) =>
        (from used in Uses.Of(type)
         let definition = Resolve(used)
         where definition is not null
         let folder = FolderOf(definition)
         where folder is not null
         select folder).Distinct(StringComparer.Ordinal);

    /// <summary>The definition of a type of the product; null for any other.</summary>
    public TypeDefinition? Resolve(TypeReference used)
    {
        var element = used.GetElementType();
        var assembly = element.Scope is AssemblyNameReference reference ? reference.Name : (element.Scope as ModuleDefinition)?.Assembly.Name.Name;
        if (assembly is null || !Modules.Values.Any(module => module.Assembly.Name.Name == assembly))
            return null;
        var definition = element.Resolve();
        while (definition?.DeclaringType is { } outer)
            definition = outer;
        // The module that was read with its symbols.
        return definition is null ? null : Modules.Values.First(module => module.Assembly.Name.Name == definition.Module.Assembly.Name.Name).GetType(definition.FullName);
    }

    /// <summary>The folder of the file that a type is written in, below <c>src</c>: "Trainers/Networks/Recurrent"; null for what no file of <c>src</c> has.</summary>
    public static string? FolderOf(TypeDefinition type) =>
        Uses.Methods(type).Select(FolderOf).FirstOrDefault(folder => folder is not null) ?? FolderOf(Symbols.DocumentOf(type));

    /// <summary>The folder of the file that a method is written in, which of a partial type is not always that of the type.</summary>
    public static string? FolderOf(MethodDefinition method) =>
        method.HasBody ? FolderOf(method.DebugInformation.SequencePoints.Select(point => point.Document.Url).FirstOrDefault()) : null;

    public void Dispose()
    {
        foreach (var module in Modules.Values)
            module.Dispose();
        _resolver.Dispose();
    }

    private static string? FolderOf(string? document)
    {
        // PathMap gives the folder src this name.
        const string Source = "/_/";
        var path = document?.Replace('\\', '/');
        return path is not null && path.StartsWith(Source, StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal)
            ? path[Source.Length..Math.Max(Source.Length, path.LastIndexOf('/'))]
            : null;
    }
}
