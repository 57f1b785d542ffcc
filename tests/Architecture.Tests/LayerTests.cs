using Mono.Cecil;

namespace Sconce.Architecture.Tests;

/// <summary>Which project and which folder may use which other.</summary>
public sealed class LayerTests : IDisposable
{
    private static readonly string[] _formats = ["Arrow", "Csv", "Idx", "Images", "Json", "Parquet"];

    private readonly House _house = new();

    public void Dispose() => _house.Dispose();

    [Theory]
    [InlineData("Core")]
    [InlineData("Files", "Core")]
    [InlineData("Trainers", "Core")]
    [InlineData("Pipelines", "Core", "Files", "Trainers")]
    [InlineData("Host", "Core", "Files", "Trainers", "Pipelines")]
    public void A_project_uses_only_the_layers_below_it(string project, params string[] below)
    {
        var names = House.Projects.ToDictionary(each => _house.Modules[each].Assembly.Name.Name, each => each, StringComparer.Ordinal);
        var used = _house.Modules[project].AssemblyReferences.Select(reference => names.GetValueOrDefault(reference.Name)).OfType<string>();
        Assert.Subset(below.ToHashSet(), used.ToHashSet());
    }

    /// <summary>Nobody pays for what is not used: training needs no reader of files, reading files no libtorch, and no library a command line.</summary>
    [Theory]
    [InlineData("Core", "Microsoft.ML", "TorchSharp", "Apache.Arrow", "ParquetSharp", "SkiaSharp", "System.CommandLine", "Spectre")]
    [InlineData("Files", "TorchSharp", "Microsoft.ML.OnnxRuntime", "OxyPlot", "System.CommandLine", "Spectre")]
    [InlineData("Trainers", "Apache.Arrow", "ParquetSharp", "SkiaSharp", "Microsoft.ML.OnnxRuntime", "OxyPlot", "System.CommandLine", "Spectre")]
    [InlineData("Pipelines", "System.CommandLine", "Spectre")]
    public void A_library_does_not_bring_what_it_does_not_need(string project, params string[] foreign) =>
        Assert.DoesNotContain(_house.Modules[project].AssemblyReferences, reference => foreign.Any(name => reference.Name == name || reference.Name.StartsWith($"{name}.", StringComparison.Ordinal)));

    public static TheoryData<string, string> Forbidden()
    {
        var rules = new TheoryData<string, string>
        {
            // A format is a folder, which the others know nothing of; RowFormats lists them.
            { "Files/Columnar", "Files/(Arrow|Csv|Idx|Images|Json|Parquet)" },
            { "Files/Text", "Files/(Arrow|Csv|Idx|Images|Json|Parquet)" },
            // The engine, from its ground up.
            { "Trainers/Native", "Trainers/.*" },
            { "Trainers/Networks.*", "Trainers/(Catalog|Forecasts|Interop|Model|Runs|Telemetry|TensorBoardFiles)" },
            { "Trainers/(Columns|Objectives)", "Trainers/(Catalog|Forecasts|Model|Runs|Telemetry|TensorBoardFiles)" },
            { "Trainers/Training", "Trainers/(Catalog|Forecasts)" },
            { "Trainers/Scoring", "Trainers/(Catalog|Forecasts|Runs|Telemetry|TensorBoardFiles)" },
            { "Trainers/Persistence", "Trainers/(Catalog|Forecasts|Interop|Model|Runs|Telemetry|TensorBoardFiles)" },
            { "Trainers/(Runs|Telemetry|TensorBoardFiles)", "Trainers/(Catalog|Forecasts|Model)" },
            // Pictures know nothing of models; tutorials are nobody's foundation.
            { "Pipelines/Plots", "Pipelines/(?!Plots).*" },
            { "Pipelines/(?!Tutorials).*", "Pipelines/Tutorials/.*" },
            { "Host/(?!Commands/Tutorials|Display/Tutorials).*", "Pipelines/Tutorials/.*" },
            { "Host/Display.*", "Host/Commands.*" },
        };
        // Parquet is read as Arrow's record batches.
        foreach (var format in _formats)
            rules.Add($"Files/{format}", $"Files/({string.Join('|', _formats.Where(other => other != format && (format, other) != ("Parquet", "Arrow")))})");
        return rules;
    }

    [Theory]
    [MemberData(nameof(Forbidden))]
    public void A_folder_does_not_use(string folder, string other)
    {
        var types = House.Projects.SelectMany(_house.TypesOf).Where(type => Matches(type.Folder, folder)).ToList();
        Assert.NotEmpty(types);
        var wrong = from type in types
                    from used in _house.FoldersUsedBy(type.Type)
                    where used != type.Folder && Matches(used, other)
                    select $"{type.Type.FullName} ({type.Folder}) uses {used}";
        Assert.True(!wrong.Any(), string.Join(Environment.NewLine, wrong));
    }

    /// <summary>In the folder that all formats share, only the list of formats knows them, and what finds the files of a folder, images among them.</summary>
    [Fact]
    public void Only_the_lists_of_formats_and_files_know_formats()
    {
        var knowing = _house.TypesOf("Files").Where(type => type.Folder == "Files/Rows")
            .Where(type => _house.FoldersUsedBy(type.Type).Any(used => _formats.Contains(used["Files/".Length..], StringComparer.Ordinal)))
            .Select(type => type.Type.Name);
        Assert.Equal(["RowFormats", "RowSource"], knowing);
    }

    [Fact]
    public void Internal_types_are_in_the_namespace_of_their_folder()
    {
        var wrong = from project in House.Projects
                    from type in _house.TypesOf(project)
                    where !type.Type.IsPublic && project != "Core" && !type.Type.Namespace.StartsWith("System", StringComparison.Ordinal)
                    // A partial type may have files in several folders.
                    let expected = Uses.Methods(type.Type).Select(House.FolderOf).Append(type.Folder).OfType<string>().Select(folder => $"Sconce.{folder.Replace('/', '.')}").ToHashSet()
                    // A small internal type may stand beside the public type that it serves, in its file and namespace.
                    where !expected.Contains(type.Type.Namespace) && type.Type.Namespace != $"Sconce.{project}" && type.Type.Namespace != "Microsoft.ML"
                    select $"{type.Type.FullName} is in src/{type.Folder}";
        Assert.True(!wrong.Any(), string.Join(Environment.NewLine, wrong));
    }

    [Fact]
    public void Public_types_are_found_with_one_using()
    {
        var namespaces = House.Projects.ToDictionary(project => project, project => project == "Core" ? "Sconce" : $"Sconce.{project}");
        var wrong = from project in House.Projects
                    where project != "Host"
                    from type in _house.TypesOf(project)
                    where type.Type.IsPublic && type.Type.Namespace != namespaces[project] && type.Type.Namespace != "Microsoft.ML"
                    select type.Type.FullName;
        Assert.True(!wrong.Any(), string.Join(Environment.NewLine, wrong));
    }

    /// <summary>Members that ML.NET keeps to itself may change with any version: what uses them is in one folder.</summary>
    [Fact]
    public void Only_Interop_touches_what_MLNet_does_not_publish()
    {
        var wrong = from project in House.Projects
                    from type in _house.Modules[project].GetTypes()
                    from method in type.Methods
                    where method.HasBody && (House.FolderOf(method) ?? House.FolderOf(Outermost(type))) is not ("Trainers/Interop" or null)
                    from member in method.Body.Instructions.Select(each => each.Operand).OfType<MemberReference>()
                    where IsOfMLNet(member) && !IsPublished(member)
                    select $"{method.FullName} uses {member.FullName}";
        Assert.True(!wrong.Any(), string.Join(Environment.NewLine, wrong));
    }

    private static TypeDefinition Outermost(TypeDefinition type) => type.DeclaringType is { } outer ? Outermost(outer) : type;

    private static bool Matches(string folder, string pattern) =>
        System.Text.RegularExpressions.Regex.IsMatch(folder, $"^{pattern}$", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1));

    private static bool IsOfMLNet(MemberReference member) =>
        (member as TypeReference ?? member.DeclaringType)?.GetElementType().Scope is AssemblyNameReference { Name: var name } && name.StartsWith("Microsoft.ML", StringComparison.Ordinal);

    private static bool IsPublished(MemberReference member) => member switch
    {
        TypeReference type => IsPublished(type.GetElementType().Resolve()),
        MethodReference method => method.Resolve() is { } found && (found.IsPublic || found.IsFamily || found.IsFamilyOrAssembly) && IsPublished(found.DeclaringType),
        FieldReference field => field.Resolve() is { } found && (found.IsPublic || found.IsFamily || found.IsFamilyOrAssembly) && IsPublished(found.DeclaringType),
        _ => true,
    };

    private static bool IsPublished(TypeDefinition? type) =>
        type is null || (type.IsNested ? (type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamilyOrAssembly) && IsPublished(type.DeclaringType) : type.IsPublic);
}
