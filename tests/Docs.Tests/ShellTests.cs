using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Sconce.Docs.Tests;

/// <summary>Every shell block of the documentation is run, page by page, in a folder with small data; what takes too long or needs the repository is listed with the reason.</summary>
public sealed partial class ShellTests
{
    private const string Whole = "Takes minutes. It is run in a fresh clone before a release.";
    private const string Installed = "Needs the package, which PackageTests installs and tries.";
    private const string Build = "Builds or tests the repository that this very test is running in; .ci/run does it.";
    private const string Measuring = "A measurement of seconds to minutes on all of MNIST; bench and these commands are run by hand.";

    /// <summary>The beginnings of the lines that are not run, each with the reason.</summary>
    private static readonly Dictionary<string, string> _slow = new(StringComparer.Ordinal)
    {
        ["dotnet run -c Release --project src/Host -- demo"] = Whole,
        ["dotnet run -c Release --project bench"] = Measuring,
        ["dotnet run -c Release --project samples/BringYourOwn"] = "SampleTests runs the sample.",
        ["dotnet run --no-build --project tests/"] = Build,
        ["dotnet test"] = Build,
        ["dotnet build"] = Build,
        ["dotnet format"] = Build,
        ["dotnet tool install"] = Installed,
        ["dotnet new"] = Installed,
        ["dotnet nuget"] = Installed,
        ["dotnet add"] = Installed,
        [".ci/"] = Build,
        ["tests/cases/run"] = Build,
        ["SCONCE_"] = Build,
        ["sconce demo"] = Whole,
        ["sconce explain gradients"] = "Takes a minute; ExplainCommandTests runs it with short sequences.",
        ["sconce score models/cnn.zip --watch"] = "Runs until Ctrl-C; the watching tests run it.",
        ["tensorboard"] = "A program of its own.",
    };

    public static TheoryData<string> Pages => [.. Repository.Pages.Where(page => ShellCommand.Of(page).Any(command => Reason(command) is null))];

    [Theory]
    [MemberData(nameof(Pages))]
    public void The_shell_blocks_of_a_page_run(string page)
    {
        using var sandbox = new Sandbox();
        foreach (var command in ShellCommand.Of(page).Where(command => Reason(command) is null))
        {
            var (exitCode, output) = command.NeedsShell ? RunInShell(command.Text) : Run(command);
            Assert.True(exitCode == 0, $"{page}({command.Line}): {command.Text}\n{output}");
        }
    }

    /// <summary>The commands beside the figures take too long to be run here, but each has to be one that there is: N stands for a number, brackets for what may be left out.</summary>
    [Theory]
    [InlineData("docs/benchmarks.md")]
    [InlineData("README.md")]
    public void The_commands_beside_figures_are_understood(string page)
    {
        var texts = MeasuringCommand().Matches(Repository.Read(page)).Select(match => match.Groups["command"].Value).ToList();
        Assert.NotEmpty(texts);
        foreach (var text in texts)
        {
            var words = text.Replace("[", "", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal).Split(' ').Select(word => word == "N" ? "1" : word);
            Assert.True(Host.Program.Root.Parse([.. words]).Errors is [], text);
        }
    }

    [Fact]
    public void Every_line_that_is_not_run_is_in_some_page()
    {
        var lines = Repository.Pages.SelectMany(ShellCommand.Of).ToList();
        List<string> unused = [.. _slow.Keys.Where(slow => !lines.Any(line => line.Text.StartsWith(slow, StringComparison.Ordinal)))];
        Assert.Empty(unused);
    }

    [GeneratedRegex("`sconce (?<command>[^`]+)`", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex MeasuringCommand();

    private static string? Reason(ShellCommand command) =>
        _slow.Where(slow => command.Text.StartsWith(slow.Key, StringComparison.Ordinal)).Select(slow => slow.Value).FirstOrDefault();

    private static (int ExitCode, string Output) Run(ShellCommand command)
    {
        var words = command.Words();
        Assert.True(words[0] == "sconce", $"{command.Page}({command.Line}): '{command.Text}' is neither a command of sconce nor listed as slow.");
        using var output = new StringWriter();
        using var interruption = new Host.Interruption();
        var exitCode = Host.Program.Run([.. ShellCommand.OnLittleData(words.Skip(1))], output, output, interruption);
        return (exitCode, output.ToString());
    }

    private static (int ExitCode, string Output) RunInShell(string line)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "sconce.dll");
        var start = new ProcessStartInfo("bash", ["-c", $"set -euo pipefail\nsconce() {{ dotnet '{program}' \"$@\"; }}\n{line}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.GetAwaiter().GetResult());
    }
}
