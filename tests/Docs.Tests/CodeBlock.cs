namespace Sconce.Docs.Tests;

/// <summary>A fenced block of a page.</summary>
internal sealed record CodeBlock(string Page, int Line, string Language, IReadOnlyList<string> Lines)
{
    public string Text => string.Join('\n', Lines);

    /// <summary>The blocks of a page in one language, in order.</summary>
    public static IEnumerable<CodeBlock> Of(string page, string language)
    {
        var lines = Repository.Read(page).ReplaceLineEndings("\n").Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith("```", StringComparison.Ordinal))
                continue;
            var end = Array.IndexOf(lines, "```", i + 1);
            Assert.True(end > i, $"{page}({i + 1}): the block has no end.");
            if (lines[i] == $"```{language}")
                yield return new(page, i + 1, language, lines[(i + 1)..end]);
            i = end;
        }
    }
}
