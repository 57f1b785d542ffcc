using System.CommandLine;
using System.CommandLine.Parsing;
using System.Runtime.CompilerServices;
using Sconce.Host.Commands;
using Sconce.Host.Commands.Tutorials;
using Sconce.Host.Display;

namespace Sconce.Host;

/// <summary>The command <c>sconce</c>: parses, runs, and turns errors into one line and an exit code.</summary>
internal static class Program
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongUsage = 2;

    /// <summary>Any command's result, for programs.</summary>
    public static readonly Option<bool> Json = new("--json") { Description = "Print the result as one JSON document on standard output, and nothing else.", Recursive = true };
    private static readonly Option<bool> _verbose = new("--verbose") { Description = "Print the stack trace of an error.", Recursive = true };

    /// <summary>The command line.</summary>
    public static RootCommand Root { get; } = CreateRoot();

    public static int Main(string[] args)
    {
        FileDescriptors.FillStandardStreams();
        // Before the rest, which loads assemblies.
        return FileDescriptors.Suffice() ? Start(args) : Failed;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Start(string[] args)
    {
        SharedProcessors.Yield();
        using var interruption = new Interruption();
        var output = new UnfailingWriter(() => Console.Out);
        Console.SetOut(output);
        Console.SetError(new UnfailingWriter(() => Console.Error));
        var code = Run(args, Console.Out, Console.Error, interruption);
        if (output.Failure is not { } failure)
            return code;
        Console.Error.WriteLine($"sconce: Cannot write to standard output: {failure.Message.TrimEnd('.')}. {(code == Done ? "The command has finished, but its printed output is incomplete" : "The printed output is incomplete")}.");
        return code == Done ? Failed : code;
    }

    /// <summary>Runs one command line.</summary>
    /// <returns>0 for success, 1 for failure, 2 for wrong usage, 128 plus the signal's number if a signal ended it: 130 for Ctrl-C.</returns>
    public static int Run(string[] args, TextWriter output, TextWriter error, Interruption interruption)
    {
        var parsed = Root.Parse(OldNames.Replace(args));
        if (Usage.FindMistake(parsed) is { } mistake)
        {
            error.WriteLine($"sconce: {PrintableText.Of(mistake)} See '{CommandLine(parsed.CommandResult)} --help'.");
            return WrongUsage;
        }

        try
        {
            return parsed.Invoke(new Invocation(output, error, interruption));
        }
        catch (OperationCanceledException)
        {
            error.WriteLine($"sconce: interrupted; {PrintableText.Of(Remains(parsed))}.");
            return interruption.ExitCode;
        }
#pragma warning disable CA1031 // The last line of defense: the unforeseen is an error message, too.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var message = ErrorMessage.Of(exception, parsed.CommandResult.Command);
            error.WriteLine($"sconce: {PrintableText.Of(message.Text)}");
            if (parsed.GetValue(_verbose))
                error.WriteLine(PrintableText.Of(exception.ToString()));
            return message.IsUsage ? WrongUsage : Failed;
        }
    }

    private static RootCommand CreateRoot()
    {
        var root = new RootCommand("Sconce: deep networks as ML.NET models. Train, evaluate, and score from the command line.") { Json, _verbose };
        root.Add(DemoCommand.Create());
        root.Add(TrainCommand.Create());
        root.Add(TuneCommand.Create());
        root.Add(EvaluateCommand.Create());
        root.Add(ScoreCommand.Create());
        root.Add(EncodeCommand.Create());
        root.Add(DecodeCommand.Create());
        root.Add(ReconstructCommand.Create());
        root.Add(TranslateCommand.Create());
        root.Add(ForecastCommand.Create());
        root.Add(PlotCommand.Create());
        root.Add(ReportCommand.Create());
        root.Add(CompareCommand.Create());
        root.Add(CrossValidateCommand.Create());
        root.Add(ExplainCommand.Create());
        root.Add(InspectCommand.Create());
        root.Add(ImagesCommand.Create());
        root.Add(WeightsCommand.Create());
        root.Add(ExportCommand.Create());
        Usage.Guard(root);
        return root;
    }

    /// <summary>What an interrupted command leaves, and how to continue it.</summary>
    private static string Remains(ParseResult parsed) => (RunArguments.FolderOf(parsed) ?? ScoreCommand.FolderOf(parsed), TuneCommand.FolderOf(parsed)) switch
    {
        ({ } run, _) => $"run the same command with --resume to continue from '{run}'",
        (_, { } search) => $"run the same command to continue the search in '{search}'",
        _ => "no partial output was left",
    };

    private static string CommandLine(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{CommandLine(parent)} {result.Command.Name}" : "sconce";
}
