using System.CommandLine;
using System.CommandLine.Parsing;
using Sconce.Host.Commands;
using Sconce.Host.Display;

namespace Sconce.Host;

/// <summary>The command <c>sconce</c>: parses, runs, and turns whatever goes wrong into one sentence and an exit code.</summary>
internal static class Program
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongUsage = 2;

    public static int Main(string[] args)
    {
        SharedProcessors.Yield();
        using var interruption = new Interruption();
        return Run(args, Console.Out, Console.Error, interruption);
    }

    /// <summary>Runs one command line.</summary>
    /// <returns>0 done, 1 failed, 2 wrong usage, 130 interrupted.</returns>
    public static int Run(string[] args, TextWriter output, TextWriter error, Interruption interruption)
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON document on standard output, and nothing else.", Recursive = true };
        var verbose = new Option<bool>("--verbose") { Description = "Print a stack trace with an error.", Recursive = true };
        var root = new RootCommand("Sconce: deep networks as ML.NET models. Train, evaluate and score from the command line.") { json, verbose };
        Terminal? terminal = null;
        Terminal Open(ParseResult result) => terminal ??= new Terminal(output, result.GetValue(json));
        root.Add(DemoCommand.Create(Open, interruption));
        root.Add(TrainCommand.Create(Open, interruption));
        root.Add(TuneCommand.Create(Open, interruption));
        root.Add(EvaluateCommand.Create(Open));
        root.Add(ScoreCommand.Create(Open, interruption));
        root.Add(EncodeCommand.Create(Open, interruption));
        root.Add(DecodeCommand.Create(Open, interruption));
        root.Add(ReconstructCommand.Create(Open));
        root.Add(TranslateCommand.Create(Open));
        root.Add(ForecastCommand.Create(Open));
        root.Add(PlotCommand.Create(Open));
        root.Add(ReportCommand.Create(Open));
        root.Add(CompareCommand.Create(Open, interruption));
        root.Add(CrossValidateCommand.Create(Open, interruption));
        root.Add(ExplainCommand.Create(Open, interruption));
        root.Add(InspectCommand.Create(Open));
        root.Add(ImagesCommand.Create(Open, interruption));
        root.Add(WeightsCommand.Create(Open));
        root.Add(ExportCommand.Create(Open));

        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            // A misspelt command is said to be unknown, not only to be missing.
            var message = parsed.Errors.Select(problem => problem.Message).OrderByDescending(text => parsed.UnmatchedTokens.Any(text.Contains)).First();
            error.WriteLine($"sconce: {message} '{CommandLine(parsed.CommandResult)} --help' shows the usage.");
            return WrongUsage;
        }

        try
        {
            return parsed.Invoke(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (OperationCanceledException)
        {
            error.WriteLine($"sconce: interrupted; {Remains(parsed)}.");
            return interruption.ExitCode;
        }
#pragma warning disable CA1031 // The last line of defence: whatever was not foreseen is an error message too.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            error.WriteLine($"sconce: {Sentence(exception)}");
            if (parsed.GetValue(verbose))
                error.WriteLine(exception);
            return exception is UsageException or ArgumentOutOfRangeException ? WrongUsage : Failed;
        }
    }

    /// <summary>What an interrupted command has left, and how to go on with it.</summary>
    private static string Remains(ParseResult parsed) => (RunArguments.FolderOf(parsed) ?? ScoreCommand.FolderOf(parsed), TuneCommand.FolderOf(parsed)) switch
    {
        ({ } run, _) => $"the same command with --resume goes on with what is in '{run}'",
        (_, { } search) => $"the same command goes on with the search in '{search}'",
        _ => "nothing was left half-written",
    };

    private static string CommandLine(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{CommandLine(parent)} {result.Command.Name}" : "sconce";

    /// <summary>The message on one line, without .NET's own note of the parameter.</summary>
    private static string Sentence(Exception exception)
    {
        var message = exception.Message;
        if (exception is ArgumentException { ParamName: { } parameter })
            message = message.Replace($" (Parameter '{parameter}')", "", StringComparison.Ordinal);
        return message.ReplaceLineEndings(" ");
    }
}
