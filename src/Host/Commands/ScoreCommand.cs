using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Microsoft.ML;
using Sconce.Files;
using Sconce.Host.Display;
using Sconce.Pipelines;

namespace Sconce.Host.Commands;

/// <summary><c>sconce score MODEL INPUT... --output FILE</c>: one row out for each row in, in order.</summary>
internal static class ScoreCommand
{
    private const string StandardStream = FileScorer.StandardStream;
    private const string DefaultLabel = FileScoringOptions.UsualLabel;

    private static readonly Argument<string> _model = new("MODEL") { Description = "The model zip, made by Sconce or any other ML.NET program." };
    private static readonly Argument<string[]> _inputs = new("INPUT")
    {
        Description = "Files, folders, and patterns such as 'days/*.csv'. Formats: CSV, TSV, Parquet, Arrow, JSON Lines, and IDX; text may be gzip-compressed. "
            + "For a model of image files: folders, images, and CSV lists of paths. - reads standard input.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string> _output = new("--output", "-o")
    {
        Description = "The output file; its ending sets the format: .csv, .tsv, .parquet, .arrow, .jsonl, or .idx (one column). - writes to standard output. With --watch, a folder.",
        Required = true,
    };

    private static readonly Option<string[]> _columns = new("--columns") { Description = "The model's columns to write, in order: A,B. Quote a name that contains a comma: '\"a,b\"'. Default: the results of the last step." };
    private static readonly Option<string[]> _keep = new("--keep") { Description = "Input columns to write before the scores: A,B. Quote a name that contains a comma ('\"a,b\"') or is empty ('\"\"'). Can be repeated." };
    private static readonly Option<Word<RowErrors>> _onError = new Option<Word<RowErrors>>("--on-error")
    {
        Description = "What to do with a row or file that cannot be used: fail; skip (leave it out and count it); quarantine (leave it out and write it, with the reason, to a separate file).",
        DefaultValueFactory = _ => RowErrors.Fail,
    }.AcceptNames();

    private static readonly Option<string?> _quarantine = new("--quarantine") { Description = "The CSV file for quarantined rows. Default: NAME.quarantine.csv beside the output." };
    private static readonly Option<bool> _allowNonFinite = new("--allow-non-finite") { Description = "Write scores that are NaN or infinite. By default, a row with such a score cannot be used." };
    private static readonly Option<string> _batchSize = new("--batch-size") { Description = "Rows per batch; auto is 256, or the batch size of the run that is resumed.", DefaultValueFactory = _ => "auto" };
    private static readonly Option<Word<ScoringEngine>> _engine = new Option<Word<ScoringEngine>>("--engine")
    {
        Description = "What runs the networks: auto (ONNX Runtime for models with convolutions, otherwise as saved), as-saved (what the zip contains), or onnx (ONNX Runtime).",
        DefaultValueFactory = _ => ScoringEngine.Auto,
    }.AcceptNames();

    private static readonly Option<int?> _threads = new("--threads") { Description = "Number of scoring threads. Default: one per processor." };
    private static readonly Option<int?> _rowsPerPart = new("--rows-per-part") { Description = "Rows per part; completed parts survive a crash. Default: 65,536; for text, a part also ends after ten seconds." };
    private static readonly Option<bool> _resume = new("--resume") { Description = "Continue an interrupted run, or start one if there is none." };
    private static readonly Option<bool> _force = new("--force") { Description = "Replace an existing output." };
    private static readonly Option<bool> _evaluate = new("--evaluate") { Description = "Compare the scores with labels and print metrics." };
    private static readonly Option<string?> _label = new("--label") { Description = $"The label column. Default: {DefaultLabel}; for images, the name of their folder; for IDX files, the label file beside them." };
    private static readonly Option<bool> _escapeFormulas = new("--escape-formulas")
    {
        Description = "In CSV and TSV, put an apostrophe before text that a spreadsheet would take for a formula: text that starts with =, +, -, @, a tab, or a carriage return and is not a number.",
    };

    private static readonly Option<string?> _format = new("--format") { Description = "The output format: csv, tsv, parquet, arrow, jsonl, or idx. Default: from the output's ending; csv for - and with --watch." };
    private static readonly Option<string?> _watch = new("--watch")
    {
        Description = "Watch this folder until Ctrl-C: score each new file into the folder --output, then move it to done/ or failed/ inside the watched folder.",
    };

    public static Command Create()
    {
        var command = new Command("score", "Score files: one output row for each input row, in order.")
        {
            _model, _inputs, InputArguments.Input, _output, _columns, _keep, _onError, _quarantine, _allowNonFinite, _batchSize, _engine, _threads, _rowsPerPart, _resume, _force,
            _evaluate, _label, _escapeFormulas, _format, _watch,
        };
        foreach (var option in InputArguments.Reading)
            command.Add(option);
        command.Validators.Add(Validate);
        command.SetAction(result =>
        {
            // Where rows go to standard output, nothing else does.
            var terminal = result.GetValue(_output) == StandardStream ? new Terminal(result.InvocationConfiguration.Error, result.InvocationConfiguration.Error, json: false) : Invocation.Terminal(result);
            var options = Options(result, terminal, Invocation.Cancellation(result));
            if (result.GetValue(_watch) is { } folder)
                Watch(terminal, result, folder, options);
            else
                Score(terminal, result, options);
        });
        return command;
    }

    /// <summary>The folder of an interrupted run's completed parts; null where there is none.</summary>
    public static string? FolderOf(ParseResult result) => result.GetResult(_output) is not null && $"{result.GetValue(_output)}.parts" is var folder && Directory.Exists(folder) ? folder : null;

    private static string[] InputsOf(SymbolResult result) => [.. result.GetValue(_inputs) ?? [], .. result.GetValue(InputArguments.Input) ?? []];

    private static void Score(Terminal terminal, ParseResult result, FileScoringOptions options)
    {
        var (model, inputs, output) = (result.GetValue(_model)!, InputsOf(result.CommandResult), result.GetValue(_output)!);
        if (output != StandardStream)
            result.CheckOutput(_output, [], [model, .. inputs]);
        var summary = terminal.Counting("rows scored", progress => FileScorer.Score(new MLContext(), model, inputs, output, options with { Progress = progress }));
        Print(terminal, result, summary);
        terminal.Result(summary);
    }

    private static void Watch(Terminal terminal, ParseResult result, string folder, FileScoringOptions options)
    {
        var watched = new WatchedFolder(folder, result.GetValue(_output)!, options) { Begun = () => terminal.Line($"Watching '{folder}'. Press Ctrl-C to stop.") };
        watched.Run(new MLContext(), result.GetValue(_model)!, scored =>
        {
            if (scored.Summary is { } summary)
                Print(terminal, result, summary, $"'{scored.Input}': ");
            else
                terminal.Line($"'{scored.Input}' failed: {Named(result, scored.Failure ?? "")}");
        });
        terminal.Line("Stopped. Files that were not scored yet stay where they are.");
    }

    private static void Print(Terminal terminal, ParseResult result, ScoringSummary summary, string prefix = "")
    {
        if (summary.WasComplete)
        {
            terminal.Line($"{prefix}{summary.Output} is already complete; nothing to resume.");
            return;
        }

        foreach (var bad in summary.BadRows)
            terminal.Line($"Skipped: {Named(result, bad)}");
        var others = summary.Bad + summary.BadFiles - summary.BadRows.Count;
        if (summary.BadRows.Count > 0 && others > 0)
            terminal.Line($"... and {others:N0} more");
        var files = summary.BadFiles > 0 ? $", {Count(summary.BadFiles, "file")} not read to the end" : "";
        var resumed = summary.Resumed > 0 ? $", {summary.Resumed:N0} rows resumed" : "";
        terminal.Line($"{prefix}{Count(summary.Rows, "row")} in: {summary.Scored:N0} scored, {summary.Bad:N0} bad{files}; {summary.Seconds:F1} s ({summary.RowsPerSecond:N0} rows/s{resumed}), written to {summary.Output}");
        if (summary.Quarantine is { } quarantine)
            terminal.Line($"Quarantined rows: {quarantine}");
        if (summary.Comparison is { } comparison)
            Print(terminal, comparison);
    }

    private static void Print(Terminal terminal, LabelComparison comparison)
    {
        var unlabelled = comparison.Unlabelled > 0 ? $", {Count(comparison.Unlabelled, "row")} without a label" : "";
        if (comparison.Accuracy is not { } accuracy)
        {
            terminal.Line(comparison.Rows == 0 ? $"No row has a label{unlabelled}."
                : $"{Count(comparison.Rows, "label")}: mean absolute error {comparison.MeanAbsoluteError:G5}, root mean squared error {comparison.RootMeanSquaredError:G5}, R² {comparison.RSquared:F4}{unlabelled}");
            return;
        }

        terminal.Line($"{Count(comparison.Rows, "label")}: accuracy {accuracy:P2}{(comparison.LogLoss is { } loss ? $", log-loss {loss:F4}" : "")}{unlabelled}");
        terminal.Table(["class", "rows", "precision", "recall"], comparison.Classes.Select(each => (string[])[each.Name, $"{each.Rows:N0}", $"{each.Precision:P2}", $"{each.Recall:P2}"]));
    }

    /// <summary>A row's reason may name how its file is read, which is an option here.</summary>
    private static string Named(ParseResult result, string reason) => OptionNames.PutReading(reason, result.CommandResult.Command);

    private static string Count(long number, string noun) => $"{number:N0} {noun}{(number == 1 ? "" : "s")}";

    private static FileScoringOptions Options(ParseResult result, Terminal terminal, CancellationToken cancellation)
    {
        var reading = InputArguments.ReadingOf(result, cancellation);
        return new()
        {
            Columns = InputArguments.Names(result.GetValue(_columns)),
            Keep = InputArguments.Names(result.GetValue(_keep)),
            OnError = result.GetValue(_onError),
            QuarantinePath = result.GetValue(_quarantine),
            AllowNonFinite = result.GetValue(_allowNonFinite),
            BatchSize = BatchSize(result.GetValue(_batchSize)!),
            Engine = result.GetValue(_engine),
            NumberOfThreads = result.GetValue(_threads),
            RowsPerPart = result.GetValue(_rowsPerPart),
            Resume = result.GetValue(_resume),
            Force = result.GetValue(_force),
            LabelColumnName = result.GetValue(_evaluate) ? result.GetValue(_label) ?? DefaultLabel : null,
            HasHeader = reading.HasHeader,
            Delimiter = reading.Delimiter,
            EscapeCharacter = reading.EscapeCharacter,
            DecimalMarker = reading.DecimalMarker,
            DateTimeFormat = reading.DateTimeFormat,
            EscapeFormulas = result.GetValue(_escapeFormulas),
            InputFormat = reading.Format,
            OutputFormat = result.GetValue(_format),
            Warnings = new Warning(terminal),
            CancellationToken = cancellation,
        };
    }

    private static void Validate(CommandResult result)
    {
        string[] inputs = InputsOf(result);
        var watches = result.GetResult(_watch) is not null;
        var isStream = result.GetValue(_output) == StandardStream;
        var isNamed = result.GetResult(InputArguments.Input) is not null;
        if (watches == inputs.Length > 0)
            result.AddError(watches ? $"--watch cannot be combined with {(isNamed ? InputArguments.Input.Name : "INPUT")}." : "Required argument missing for command: 'score': INPUT, or --watch.");
        if (isNamed && result.GetValue(_inputs) is { Length: > 0 })
            result.AddError($"{InputArguments.Input.Name} cannot be combined with INPUT: they mean the same.");
        if (result.GetValue(_batchSize) is { } size && size != "auto" && BatchSize(size) is null)
            result.AddError($"--batch-size is '{size}'; auto, or a number of at least 1, is expected.");
        foreach (var option in (Option<int?>[])[_threads, _rowsPerPart])
        {
            if (result.GetValue(option) < 1)
                result.AddError($"{option.Name} has to be at least 1.");
        }

        if (result.GetValue(_threads) > FileScoringOptions.MostThreads)
            result.AddError($"--threads has to be at most {FileScoringOptions.MostThreads}; more threads than processors ({Environment.ProcessorCount}) are no faster.");
        InputArguments.ValidateReading(result);
        InputArguments.ValidateFormat(result, _format);
        foreach (var option in (Option<string[]>[])[_columns, _keep])
        {
            if (result.GetResult(option) is not null && InputArguments.Names(result.GetValue(option)) is [])
                result.AddError($"{option.Name} names no column.");
        }

        if (result.GetResult(_quarantine) is not null && result.GetValue(_onError) != RowErrors.Quarantine)
            result.AddError("--quarantine needs --on-error quarantine.");
        if (result.GetResult(_quarantine) is not null && watches)
            result.AddError("--quarantine cannot be combined with --watch: each output has its own quarantine file beside it.");
        if (result.GetResult(_label) is not null && !result.GetValue(_evaluate))
            result.AddError("--label needs --evaluate.");
        if (result.GetValue(_resume) && result.GetValue(_force))
            result.AddError("--resume cannot be combined with --force: one continues the run, the other replaces it.");
        if (result.GetValue(_resume) && watches)
            result.AddError("--watch cannot be combined with --resume: watching always resumes.");
        if (isStream && result.GetValue(Program.Json))
            result.AddError("--json cannot be combined with --output -: both use standard output. Write the rows to a file.");
        if (isStream && watches)
            result.AddError("--watch needs a folder as --output, not standard output.");
        if (isStream && result.GetValue(_resume))
            result.AddError("--resume needs a file as --output, not standard output.");
    }

    private static int? BatchSize(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0 ? size : null;

    private sealed class Warning(Terminal terminal) : IProgress<string>
    {
        public void Report(string value) => terminal.Line($"Warning: {value}");
    }
}
