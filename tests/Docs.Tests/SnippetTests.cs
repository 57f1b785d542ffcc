using System.Runtime.Loader;
using System.Text.RegularExpressions;

namespace Sconce.Docs.Tests;

/// <summary>Every C# block of the documentation is part of a program in <c>docs/snippets</c>, which is compiled and run here on little data.</summary>
public sealed partial class SnippetTests
{
    public static TheoryData<string> Names => [.. Snippet.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_snippet_runs(string name)
    {
        using var sandbox = new Sandbox();
        var entry = AssemblyLoadContext.Default.LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, "snippets", $"{name}.dll")).EntryPoint!;
        var output = Sandbox.Capture(() => entry.Invoke(null, [Array.Empty<string>()]));
        Assert.False(string.IsNullOrWhiteSpace(output), $"{name} printed nothing.");
    }

    /// <summary>Blocks that are written out, where docfx includes nothing: in README.md and in the texts beside the code.</summary>
    [Fact]
    public void A_block_that_is_written_out_is_a_region_of_a_snippet()
    {
        var texts = Snippet.Texts().ToHashSet(StringComparer.Ordinal);
        List<string> others = [.. Repository.Pages.SelectMany(page => CodeBlock.Of(page, "csharp")).Where(block => !texts.Contains(block.Text)).Select(block => $"{block.Page}({block.Line})")];
        Assert.Empty(others);
    }

    [Fact]
    public void An_included_block_is_there()
    {
        var regions = Snippet.Names.SelectMany(name => Snippet.RegionsOf(name).Select(region => $"{name}.cs#{region}").Append($"{name}.cs")).ToHashSet(StringComparer.Ordinal);
        var included = Repository.Pages.SelectMany(page => Include().Matches(Repository.Read(page)).Select(match => (Page: page, Region: match.Groups["region"].Value))).ToList();
        Assert.NotEmpty(included);
        List<(string, string)> missing = [.. included.Where(include => !regions.Contains(include.Region))];
        Assert.Empty(missing);
    }

    [GeneratedRegex(@"\[!code-csharp\[[^\]]*\]\((?:\.\./)*snippets/(?<region>[^)]+)\)\]", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Include();
}
