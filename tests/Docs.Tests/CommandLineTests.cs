namespace Sconce.Docs.Tests;

/// <summary>The reference of the command line says what the commands say.</summary>
public sealed class CommandLineTests
{
    /// <summary>With <c>SCONCE_WRITE_DOCS</c> set, the page is written anew.</summary>
    [Fact]
    public void The_page_of_the_command_line_is_up_to_date()
    {
        var path = Repository.PathOf("docs/command-line.md");
        if (Environment.GetEnvironmentVariable("SCONCE_WRITE_DOCS") is not (null or "" or "0"))
            File.WriteAllText(path, CommandLine.ToMarkdown());
        Assert.Equal(CommandLine.ToMarkdown(), File.ReadAllText(path).ReplaceLineEndings("\n"));
    }
}
