using System.Diagnostics;

namespace Sconce.Host.Tests;

/// <summary>Runs a command line: in this process, or as a process of its own where signals matter.</summary>
internal static class Cli
{
    public static (int ExitCode, string Output, string Error) Run(params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        using var interruption = new Interruption();
        var exitCode = Program.Run(arguments, output, error, interruption);
        return (exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Starts the real command, with its output redirected, and its input open and silent, and with Ctrl-C's signal heeded even where the tests run in the background and inherit that it is ignored.</summary>
    public static Process Start(params string[] arguments) => Start("env", ["--default-signal=INT", "dotnet", Path.Combine(AppContext.BaseDirectory, "sconce.dll"), .. arguments]);

    /// <summary>Starts the real command by a shell, after what that is to do first, and with its redirections.</summary>
    public static Process StartInShell(string before, string redirections, params string[] arguments) =>
        Start("sh", ["-c", $"{before}exec dotnet \"$@\" {redirections}", "sh", Path.Combine(AppContext.BaseDirectory, "sconce.dll"), .. arguments]);

    /// <summary>Starts a program that a project of this repository builds.</summary>
    public static Process StartProgram(string assembly, params string[] arguments) => Start("dotnet", [assembly, .. arguments]);

    /// <summary>Sends a signal, that of Ctrl-C unless another is named.</summary>
    public static void Interrupt(Process process, string signal = "INT")
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>What a scoring said but for its progress, of which a slow machine sees more.</summary>
    public static string WithoutProgress(string error) => string.Concat(error.Split('\n').Where(line => !line.Contains(" rows scored, ", StringComparison.Ordinal)).Select((line, i) => i == 0 ? line : $"\n{line}"));

    private static Process Start(string command, IEnumerable<string> arguments) =>
        Process.Start(new ProcessStartInfo(command, arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;

    /// <summary>The folder of the repository, found from the test's own.</summary>
    public static string RepositoryRoot
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "Sconce.slnx")))
                folder = folder.Parent ?? throw new DirectoryNotFoundException("Sconce.slnx is in no folder above the test.");
            return folder.FullName;
        }
    }
}
