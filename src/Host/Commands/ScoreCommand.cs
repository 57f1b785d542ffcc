using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Microsoft.ML;
using Sconce.Files;
using Sconce.Files.Csv;
using Sconce.Files.Text;
using Sconce.Host.Display;
using Sconce.Pipelines;

namespace Sconce.Host.Commands;

/// <summary><c>sconce score MODEL INPUT... --output FILE</c>: one row out for each row in, in order.</summary>
internal static class ScoreCommand
{
    private const string StandardStream = FileScorer.StandardStream;
    private const string DefaultLabel = FileScoringOptions.UsualLabel;

    private static readonly Argument<string> _model = new("MODEL") { Description = "The model zip: one of Sconce's, or any other of ML.NET's." };
    private static readonly Argument<string[]> _inputs = new("INPUT") { Description = "Files, folders and patterns ('days/*.csv'): CSV, TSV, Parquet, Arrow, JSON Lines, IDX, text also as .gz; for a model of image files, folders, images, and CSV files of paths. - is the standard input.", Arity = ArgumentArity.ZeroOrMore };
    private static readonly Option<string> _output = new("--output", "-o") { Description = "The file to write, by its ending: .csv, .tsv, .parquet, .arrow, .jsonl, or .idx for one column. - is the standard output. With --watch, a folder.", Required = true };
    private static readonly Option<string[]> _columns = new("--columns") { Description = "The model's columns to write, in order: A,B, or \"a,b\" in quotes for a name that has a comma. Default: the results of its last step." };
    private static readonly Option<string[]> _keep = new("--keep") { Description = "The input's columns to write before them: A,B; in quotes, as in CSV, a name that has a comma (\"a,b\"), or none (\"\"). It may be given again." };
    private static readonly Option<RowErrors> _onError = new Option<RowErrors>("--on-error") { Description = "What happens with a row or a file that cannot be used: fail, skip (left out and counted), or quarantine (left out, and written to a file of its own, with the reason).", DefaultValueFactory = _ => RowErrors.Fail }.AcceptNames();
    private static readonly Option<string?> _quarantine = new("--quarantine") { Description = "The CSV file that such rows are written to. Default: NAME.quarantine.csv beside the output." };
    private static readonly Option<bool> _allowNonFinite = new("--allow-non-finite") { Description = "Write rows whose scores are NaN or infinite; without it such a row cannot be used." };
    private static readonly Option<string> _batchSize = new("--batch-size") { Description = "The rows that are scored in one go; auto measures it at the start of a long input.", DefaultValueFactory = _ => "auto" };
    private static readonly Option<ScoringEngine> _engine = new Option<ScoringEngine>("--engine") { Description = "What runs the networks: auto (measured at the start of a long input), assaved (as the zip has it), or onnx (ONNX Runtime).", DefaultValueFactory = _ => ScoringEngine.Auto }.AcceptNames();
    private static readonly Option<int?> _threads = new("--threads") { Description = "The number of threads that score. Default: one for each processor." };
    private static readonly Option<int?> _rowsPerPart = new("--rows-per-part") { Description = "The rows after which what is written is safe from a kill. Default: about ten seconds' worth, at most 65,536." };
    private static readonly Option<bool> _resume = new("--resume") { Description = "Go on with a run that was interrupted; without one, begin." };
    private static readonly Option<bool> _force = new("--force") { Description = "Replace an output that exists." };
    private static readonly Option<bool> _evaluate = new("--evaluate") { Description = "Compare the scores with labels, and print metrics." };
    private static readonly Option<string?> _label = new("--label") { Description = $"The column of the labels. Default: {DefaultLabel}; of images their folder, of IDX files the labels beside them." };
    private static readonly Option<string> _header = new("--header") { Description = "Whether CSV begins with the columns' names: yes, no, or auto.", DefaultValueFactory = _ => "auto" };
    private static readonly Option<string?> _delimiter = new("--delimiter") { Description = "What separates the fields of CSV, one character. Default: what the first line shows." };
    private static readonly Option<string> _escape = new("--escape-char") { Description = "What makes a quote within the quotes of CSV part of a text: quote (\"\"), backslash (\\\", as Spark and MySQL write it), or auto: backslashes in rows that cannot be read without.", DefaultValueFactory = _ => "auto" };
    private static readonly Option<string> _decimalMarker = new Option<string>("--decimal-marker") { Description = "What separates the decimals of a number in CSV: 0.5 or 0,5. Separators of thousands are not read.", DefaultValueFactory = _ => "." }.AcceptOnlyFromAmong(".", ",");
    private static readonly Option<string?> _dateFormat = new("--date-format") { Description = "The format of dates in CSV and JSON Lines, as .NET writes them: 'dd.MM.yyyy HH:mm'. Default: ISO 8601, 2003-12-31 or 2003-12-31T23:59:00+01:00; without an offset UTC." };
    private static readonly Option<bool> _escapeFormulas = new("--escape-formulas") { Description = "In CSV and TSV, put an apostrophe before texts that a spreadsheet would take for formulas: those that begin with =, +, -, @, a tab or a carriage return, and are no numbers." };
    private static readonly Option<string?> _inputFormat = new("--input-format") { Description = "The inputs' format: csv, tsv, parquet, arrow, jsonl or idx. Default: what each file's first bytes and name say." };
    private static readonly Option<string?> _format = new("--format") { Description = "The output's format, likewise. Default: what its name ends in; csv for - and with --watch." };
    private static readonly Option<string?> _watch = new("--watch") { Description = "Score each file that appears in this folder into the folder --output, and move it to done/ or failed/ in it; until Ctrl-C." };

    public static Command Create(Func<ParseResult, Terminal> open, Interruption interruption)
    {
        _header.AcceptOnlyFromAmong("auto", "yes", "no");
        _escape.AcceptOnlyFromAmong("auto", "quote", "backslash");
        var command = new Command("score", "Score files, one row out for each row in, in order.")
        {
            _model, _inputs, _output, _columns, _keep, _onError, _quarantine, _allowNonFinite, _batchSize, _engine, _threads, _rowsPerPart, _resume, _force, _evaluate, _label, _header, _delimiter, _escape, _decimalMarker, _dateFormat, _escapeFormulas, _inputFormat, _format, _watch,
        };
        command.Validators.Add(Validate);
        command.SetAction(result =>
        {
            // Where rows go to the standard output, nothing else does.
            var terminal = result.GetValue(_output) == StandardStream ? new Terminal(result.InvocationConfiguration.Error, result.InvocationConfiguration.Error, json: false) : open(result);
            var options = Options(result, terminal, interruption.Take());
            if (result.GetValue(_watch) is { } folder)
                Watch(terminal, result, folder, options);
            else
                Score(terminal, result, options);
        });
        return command;
    }

    /// <summary>The folder of what an interrupted scoring has finished; null where there is none.</summary>
    public static string? FolderOf(ParseResult result) => result.GetResult(_output) is not null && $"{result.GetValue(_output)}.parts" is var folder && Directory.Exists(folder) ? folder : null;

    private static void Score(Terminal terminal, ParseResult result, FileScoringOptions options)
    {
        var (model, inputs, output) = (result.GetValue(_model)!, result.GetValue(_inputs)!, result.GetValue(_output)!);
        if (output != StandardStream)
            result.CheckOutput(_output, [], [model, .. inputs]);
        var summary = terminal.Counting("rows scored", progress => FileScorer.Score(new MLContext(), model, inputs, output, options with { Progress = progress }));
        Print(terminal, result, summary);
        terminal.Result(summary);
    }

    private static void Watch(Terminal terminal, ParseResult result, string folder, FileScoringOptions options)
    {
        var watched = new WatchedFolder(folder, result.GetValue(_output)!, options) { Begun = () => terminal.Line($"Waiting for files in '{folder}', until Ctrl-C.") };
        watched.Run(new MLContext(), result.GetValue(_model)!, scored =>
        {
            if (scored.Summary is { } summary)
                Print(terminal, result, summary, $"'{scored.Input}': ");
            else
                terminal.Line($"'{scored.Input}' failed: {Named(result, scored.Failure ?? "")}");
        });
        terminal.Line("Stopped; files that have not been scored wait where they are.");
    }

    private static void Print(Terminal terminal, ParseResult result, ScoringSummary summary, string prefix = "")
    {
        if (summary.WasComplete)
        {
            terminal.Line($"{prefix}{summary.Output} is complete; there is nothing to go on with.");
            return;
        }

        foreach (var bad in summary.BadRows)
            terminal.Line($"Left out: {Named(result, bad)}");
        var others = summary.Bad + summary.BadFiles - summary.BadRows.Count;
        if (summary.BadRows.Count > 0 && others > 0)
            terminal.Line($"... and {others:N0} more");
        var files = summary.BadFiles > 0 ? $", {Count(summary.BadFiles, "file")} not read to {(summary.BadFiles == 1 ? "its" : "their")} end" : "";
        var resumed = summary.Resumed > 0 ? $" after {summary.Resumed:N0} of an earlier run" : "";
        terminal.Line($"{prefix}{Count(summary.Rows, "row")} in: {summary.Scored:N0} scored, {summary.Bad:N0} bad{files}; {summary.Seconds:F1} s ({summary.RowsPerSecond:N0} rows/s{resumed}), written to {summary.Output}");
        if (summary.Quarantine is { } quarantine)
            terminal.Line($"Rows that were left out: {quarantine}");
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

    /// <summary>Has a message of the library name options as the command line has them.</summary>
    private static string Named(ParseResult result, string message) => OptionNames.Name(message, null, result.CommandResult.Command);

    private static string Count(long number, string noun) => $"{number:N0} {noun}{(number == 1 ? "" : "s")}";

    private static FileScoringOptions Options(ParseResult result, Terminal terminal, CancellationToken cancellation) => new()
    {
        Columns = Names(result.GetValue(_columns)),
        Keep = Names(result.GetValue(_keep)),
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
        HasHeader = result.GetValue(_header) switch { "yes" => true, "no" => false, _ => null },
        Delimiter = Delimiter(result.GetValue(_delimiter)),
        EscapeCharacter = result.GetValue(_escape) switch { "quote" => '"', "backslash" => '\\', _ => null },
        DecimalMarker = result.GetValue(_decimalMarker)![0],
        DateTimeFormat = result.GetValue(_dateFormat),
        EscapeFormulas = result.GetValue(_escapeFormulas),
        InputFormat = result.GetValue(_inputFormat),
        OutputFormat = result.GetValue(_format),
        Warnings = new Warning(terminal),
        CancellationToken = cancellation,
    };

    private static void Validate(CommandResult result)
    {
        var inputs = result.GetValue(_inputs) ?? [];
        var watches = result.GetResult(_watch) is not null;
        if (watches == inputs.Length > 0)
            result.AddError(watches ? "--watch and INPUT exclude each other." : "Required argument missing for command: 'score': INPUT, or --watch.");
        if (result.GetValue(_batchSize) is { } size && size != "auto" && BatchSize(size) is null)
            result.AddError($"--batch-size is '{size}'; auto, or a number of at least 1, is expected.");
        foreach (var option in (Option<int?>[])[_threads, _rowsPerPart])
        {
            if (result.GetValue(option) < 1)
                result.AddError($"{option.Name} has to be at least 1.");
        }

        if (result.GetValue(_threads) > FileScoringOptions.MostThreads)
            result.AddError($"--threads has to be at most {FileScoringOptions.MostThreads}; more than there are processors ({Environment.ProcessorCount}) are no faster.");

        if (result.GetValue(_delimiter) is { } delimiter && Delimiter(delimiter) is null)
            result.AddError($"--delimiter is '{delimiter}'; one character, or tab, is expected.");
        if (result.GetValue(_dateFormat) is { } dates)
        {
            try
            {
                IsoTime.CheckFormat(dates, _dateFormat.Name);
            }
            catch (ArgumentException exception)
            {
                result.AddError(exception.Message.Split(" (Parameter")[0]);
            }
        }

        foreach (var option in (Option<string?>[])[_inputFormat, _format])
        {
            if (result.GetValue(option) is { } format && !FileScorer.Formats.Contains(format))
                result.AddError($"{option.Name} is '{format}'; one of {string.Join(", ", FileScorer.Formats)} is expected.");
        }

        foreach (var option in (Option<string[]>[])[_columns, _keep])
        {
            if (result.GetResult(option) is not null && Names(result.GetValue(option)) is [])
                result.AddError($"{option.Name} names no column.");
        }

        if (result.GetResult(_quarantine) is not null && result.GetValue(_onError) != RowErrors.Quarantine)
            result.AddError("--quarantine needs --on-error quarantine.");
        if (result.GetResult(_quarantine) is not null && watches)
            result.AddError("--quarantine and --watch exclude each other: each file has a quarantine of its own, beside its output.");
        if (result.GetResult(_label) is not null && !result.GetValue(_evaluate))
            result.AddError("--label needs --evaluate.");
        if (result.GetValue(_resume) && result.GetValue(_force))
            result.AddError("--resume and --force exclude each other: one goes on with what there is, the other replaces it.");
        if (result.GetValue(_resume) && watches)
            result.AddError("--watch and --resume exclude each other: whoever watches a folder goes on with what was begun in any case.");
        if (result.GetValue(_output) == StandardStream && result.GetValue(Program.Json))
            result.AddError("--json and --output - exclude each other: the rows are on the standard output; name a file for them.");
        if (result.GetValue(_output) == StandardStream && (result.GetValue(_resume) || watches))
            result.AddError($"--output - cannot be gone on with, nor written to by --watch; name a {(watches ? "folder" : "file")}.");
    }

    private static List<string>? Names(string[]? values) => values is null or [] ? null : [.. values.SelectMany(value => value.Contains('"', StringComparison.Ordinal)
        ? CsvRecords.Split(value)
        : value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    private static int? BatchSize(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0 ? size : null;

    private static char? Delimiter(string? text) => text switch
    {
        null => null,
        "tab" or "\\t" => '\t',
        [var one] => one,
        _ => null,
    };

    private sealed class Warning(Terminal terminal) : IProgress<string>
    {
        public void Report(string value) => terminal.Line($"Warning: {value}");
    }
}
