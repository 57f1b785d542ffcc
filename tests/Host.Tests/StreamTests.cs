namespace Sconce.Host.Tests;

/// <summary>Standard streams that take nothing, and a system that gives little: what can be done is, and a sentence says the rest.</summary>
public class StreamTests(SmallMnist mnist)
{
    public static bool IsUnix => !OperatingSystem.IsWindows();

    [Fact(Skip = "It has no /dev/full.", SkipUnless = nameof(IsUnix))]
    public async Task A_full_standard_output_does_not_cost_the_model()
    {
        var path = mnist.Path("full.zip");
        var (exitCode, error) = await Run("", "> /dev/full", "train", "softmax", "--data", mnist.Data, "--steps", "1", "--output", path);
        Assert.Equal(1, exitCode);
        Assert.StartsWith("sconce: Cannot write to standard output: ", error, StringComparison.Ordinal);
        Assert.Equal(0, Cli.Run("inspect", path).ExitCode);
    }

    [Theory(Skip = "It has no /dev/full.", SkipUnless = nameof(IsUnix))]
    [InlineData("2> /dev/full")]
    [InlineData("2>&-")]
    public async Task A_standard_error_that_takes_nothing_changes_no_exit_code(string redirection)
    {
        var (exitCode, _) = await Run("", redirection, "inspect", "no-such-model.zip");
        Assert.Equal(1, exitCode);
    }

    [Fact(Skip = "It has no limit of open files.", SkipUnless = nameof(IsUnix))]
    public async Task Too_few_open_files_are_told_in_a_sentence()
    {
        var (exitCode, error) = await Run("ulimit -n 60; ", "", "inspect", "no-such-model.zip");
        Assert.Equal(1, exitCode);
        Assert.StartsWith("sconce: The limit on open files is too low", Assert.Single(error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Error)> Run(string before, string redirections, params string[] arguments)
    {
        using var process = Cli.StartInShell(before, redirections, arguments);
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, error);
    }
}
