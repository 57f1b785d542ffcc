using System.Text.RegularExpressions;

namespace Sconce.Docs.Tests;

/// <summary>Links between the texts lead to files and headings that are there.</summary>
public sealed partial class LinkTests
{
    public static TheoryData<string> Pages => [.. Repository.Pages];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_link_of_a_page_resolves(string page)
    {
        var text = Fence().Replace(Repository.Read(page).ReplaceLineEndings("\n"), "");
        List<string> broken = [.. Link().Matches(text).Select(match => match.Groups["target"].Value).Where(link => !Resolves(page, link))];
        Assert.Empty(broken);
    }

    private static bool Resolves(string page, string link)
    {
        if (link.StartsWith("http", StringComparison.Ordinal) || link.StartsWith("xref:", StringComparison.Ordinal))
            return true;
        var parts = link.Split('#');
        var target = parts[0].Length == 0 ? page : Path.GetRelativePath(Repository.Root, Path.Combine(Repository.Root, Path.GetDirectoryName(page)!, parts[0])).Replace('\\', '/');
        if (target.StartsWith("docs/api/", StringComparison.Ordinal))
            return true;
        if (!File.Exists(Repository.PathOf(target)) && !Directory.Exists(Repository.PathOf(target)))
            return false;
        return parts.Length == 1 || !target.EndsWith(".md", StringComparison.Ordinal) || Headings(target).Contains(parts[1]);
    }

    /// <summary>The anchors that headings get: small letters, blanks as hyphens, no punctuation.</summary>
    private static IEnumerable<string> Headings(string page) =>
        Heading().Matches(Fence().Replace(Repository.Read(page).ReplaceLineEndings("\n"), "")).Select(match => Punctuation().Replace(match.Groups["text"].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    [GeneratedRegex(@"\[[^\]\n]*\]\((?<target>[^)\s]+)\)", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (?<text>.*)$", RegexOptions.Multiline | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]", RegexOptions.NonBacktracking)]
    private static partial Regex Punctuation();

    [GeneratedRegex("^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex Fence();
}
