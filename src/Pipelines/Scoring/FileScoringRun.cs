using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Files;
using Sconce.Files.Rows;
using Sconce.Pipelines.Scoring.Parts;

namespace Sconce.Pipelines.Scoring;

/// <summary>Scores files with one model, any number of times.</summary>
internal sealed class FileScoringRun : IDisposable
{
    private const int MostNamed = 10;

    /// <summary>At or near the optimum for all networks that were measured.</summary>
    public const int UsualBatchSize = 256;

    private static readonly JsonSerializerOptions _json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private readonly ModelFile _model;
    private readonly FileScoringOptions _options;
    private readonly ScoringPlan _plan;
    private readonly ScoringEngines _engines;

    /// <param name="ml">The context.</param>
    /// <param name="model">The model, which the caller disposes.</param>
    /// <param name="options">The options.</param>
    /// <exception cref="ArgumentException">The model has no such output column, or none that can be compared with labels.</exception>
    /// <exception cref="InvalidDataException">The model reads a column that no file can hold.</exception>
    public FileScoringRun(MLContext ml, ModelFile model, FileScoringOptions options)
    {
        (_model, _options) = (model, options);
        _plan = new ScoringPlan(model, options.Columns, options.Keep, options.LabelColumnName);
        _engines = new ScoringEngines(ml, _plan);
    }

    /// <summary>Scores files into a file.</summary>
    /// <param name="inputs">Files, folders and patterns.</param>
    /// <param name="output">The file.</param>
    /// <param name="moved">The path of the input after scoring, for bad rows; null if it is not moved.</param>
    public ScoringSummary Score(IReadOnlyList<string> inputs, string output, string? moved = null)
    {
        var clock = Stopwatch.StartNew();
        var format = FormatOf(output);
        var quarantine = _options.OnError == RowErrors.Quarantine ? _options.QuarantinePath ?? Quarantine.PathFor(output) : null;
        var files = new ScoringInputs(_model, inputs, _options, [output, quarantine ?? Quarantine.PathFor(output)]);
        if (_options.Resume && files.Names.FirstOrDefault(files.ComesOnce) is { } stream)
        {
            throw new ArgumentException($"A run that reads {(stream == FileScorer.StandardStream ? "standard input" : $"the pipe '{stream}'")} cannot be resumed. Pass a file.")
                .About(property: nameof(FileScoringOptions.Resume), file: stream);
        }

        using var folder = PartsFolder.Claim(output, new PartedOutputOptions
        {
            Resume = _options.Resume,
            Force = _options.Force,
            Quarantine = quarantine,
            Warn = warning => _options.Warnings?.Report(warning),
        });
        if (folder.IsFinished)
            return new ScoringSummary { Output = output, WasComplete = true };

        using var rows = Open(files);
        // A resumed run keeps its options unless others are given.
        var begun = folder.Run;
        var choice = _engines.Choose(_options.Engine == ScoringEngine.Auto && Enum.TryParse<ScoringEngine>(begun?.Engine, out var engine) ? engine : _options.Engine);
        var run = new ScoringRun
        {
            // The file as it was loaded: in a watched folder, the zip may have been replaced since.
            Model = _model.Content ?? throw new InvalidOperationException($"'{_model.Path}' was not loaded from a file."),
            Inputs = files.Describe(_plan.Request, begun?.Inputs),
            Format = format.Name,
            Columns = _plan.Columns,
            Keep = _plan.Keep,
            Reading = _options.Reading,
            Label = _plan.Label,
            BatchSize = _options.BatchSize ?? begun?.BatchSize ?? UsualBatchSize,
            Engine = choice.Engine.ToString(),
            AllowsNonFinite = _options.AllowNonFinite,
            RowsPerPart = _options.RowsPerPart ?? begun?.RowsPerPart ?? ScoringRun.UsualRowsPerPart,
        };
        var from = folder.Next;
        var resumed = ScoringTotals.Of(folder.Parts).Rows;
        var tally = new Tally(folder.Parts is [.., { Evaluation: { } evaluation }] ? evaluation.Deserialize<LabelComparison>(_json) : null);
        using var target = folder.Begin(run, choice.Plan.SchemaOf(rows.Schema), () => tally.Comparison is { } comparison ? JsonSerializer.SerializeToNode(comparison, _json) : null);
        foreach (var scored in Run(choice.Plan, files, rows, run.BatchSize, from))
        {
            if (moved is not null)
                Rename(scored.Rows.Bad, inputs[0], moved);
            tally.Add(scored, _options.OnError, isKept: () => folder.Parts.Count > 0);
            target.Write(scored.Rows, scored.Rows.Bad, scored.End, scored.Reads);
            _options.Progress?.Report(target.Totals.Rows);
        }

        Warn(files);
        // It may be the only copy of rows that still have to be corrected.
        if (quarantine is null && Quarantine.PathFor(output) is var earlier && File.Exists(earlier))
            _options.Warnings?.Report($"Kept '{earlier}' from an earlier run; this run quarantines no rows");
        target.Complete(_options.CancellationToken);
        var totals = target.Totals;
        return tally.Summary(output, choice.Engine, run.BatchSize, totals, clock.Elapsed) with { Resumed = resumed, Quarantine = totals.HasBad ? quarantine : null };
    }

    /// <summary>Scores files into a text stream, which stays open.</summary>
    public ScoringSummary Score(IReadOnlyList<string> inputs, Stream output)
    {
        var clock = Stopwatch.StartNew();
        var format = Escaped(RowFormats.Named(_options.OutputFormat ?? RowFormats.Csv.Name)!);
        if (!format.IsText)
        {
            throw new ArgumentException(
                $"The format {format.Name} cannot be written to standard output; {string.Join(", ", RowFormats.All.Where(each => each.IsText).Select(each => each.Name))} can.",
                nameof(FileScoringOptions.OutputFormat));
        }

        if (_options.OnError == RowErrors.Quarantine && _options.QuarantinePath is null)
            throw new ArgumentException("QuarantinePath is required if rows are written to standard output and bad rows are quarantined.", nameof(FileScoringOptions.QuarantinePath));
        var quarantine = _options.OnError == RowErrors.Quarantine ? _options.QuarantinePath : null;
        var files = new ScoringInputs(_model, inputs, _options, []);
        WrittenPaths.Check(_model.Path, files.Names, output: null, quarantine);
        using var rows = Open(files);
        var choice = _engines.Choose(_options.Engine);
        var batchSize = _options.BatchSize ?? UsualBatchSize;
        var tally = new Tally(null);
        using var target = new StreamedOutput(output, format, choice.Plan.SchemaOf(rows.Schema), quarantine, _options.Force);
        foreach (var scored in Run(choice.Plan, files, rows, batchSize, default))
        {
            tally.Add(scored, _options.OnError, isKept: () => false);
            target.Write(scored.Rows);
            _options.Progress?.Report(target.Totals.Rows);
        }

        Warn(files);
        var totals = target.Totals;
        target.Complete();
        return tally.Summary(FileScorer.StandardStream, choice.Engine, batchSize, totals, clock.Elapsed) with { Quarantine = totals.HasBad ? quarantine : null };
    }

    /// <summary>Frees the converted model.</summary>
    public void Dispose() => _engines.Dispose();

    private void Warn(ScoringInputs files)
    {
        foreach (var warning in files.Warnings)
            _options.Warnings?.Report(warning);
    }

    private IEnumerable<ScoredBatch> Run(ScoringPlan plan, ScoringInputs files, InputRows rows, int batchSize, InputPosition from)
    {
        // A model with state has to read the earlier rows again.
        var first = plan.ScoresRowsApart ? from : default;
        return new BatchScoring(plan) { Refuse = files.Refuse, AllowsNonFinite = _options.AllowNonFinite }
            .Run(rows.Read(first, batchSize, _options.CancellationToken), _options.Threads, _options.CancellationToken)
            .ToBlockingEnumerable(_options.CancellationToken)
            .SkipWhile(scored => scored.End.File < from.File || (scored.End.File == from.File && scored.End.Row <= from.Row));
    }

    private InputRows Open(ScoringInputs files)
    {
        var rows = new InputRows(files.Names, files.Open, _plan.Request) { ComesOnce = files.ComesOnce };
        // A missing column is reported before anything is scored.
        try
        {
            if (_options.OnError == RowErrors.Fail && !files.Names.Any(files.ComesOnce))
                rows.OpenAll(_options.CancellationToken);
            return rows;
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    private RowFormat FormatOf(string output) => Escaped(_options.OutputFormat is { } name ? RowFormats.Named(name)!
        : RowFormats.TryOfEnding(output, out var format) ? format
        : throw new ArgumentException(
            $"Cannot infer a format from the extension '{Path.GetExtension(output)}' of '{output}'. Use one of {string.Join(", ", RowFormats.All.SelectMany(each => each.Endings))}, or set OutputFormat.",
            nameof(FileScoringOptions.OutputFormat)));

    private RowFormat Escaped(RowFormat format) => !_options.EscapeFormulas ? format
        : RowFormats.ForSpreadsheets(format) ?? throw new ArgumentException(
            $"EscapeFormulas applies to CSV and TSV; the output is {format.Name}, in which text is never evaluated as a formula.", nameof(FileScoringOptions.EscapeFormulas));

    private static void Rename(List<BadRow> bad, string from, string to)
    {
        for (var i = 0; i < bad.Count; i++)
            bad[i] = bad[i] with { Place = bad[i].Place with { File = Renamed(bad[i].Place.File) }, Reason = Renamed(bad[i].Reason) };

        string Renamed(string text) => text.Replace(from, to, StringComparison.Ordinal);
    }

    /// <summary>Counts rows, and fails at the first bad row if required.</summary>
    private sealed class Tally(LabelComparison? earlier)
    {
        private readonly List<string> _bad = [];

        public LabelComparison? Comparison { get; private set; } = earlier;

        public void Add(ScoredBatch scored, RowErrors onError, Func<bool> isKept)
        {
            if (onError == RowErrors.Fail && scored.Rows.Bad is [var bad, ..])
            {
                throw new InvalidDataException(
                    $"{bad}. Set OnError to skip or quarantine such {(bad.IsFile ? "files" : "rows")}{(isKept() ? "; the rows before it are kept, and the run can be resumed" : "")}.")
                    .About(property: nameof(FileScoringOptions.OnError), file: bad.Place.File, row: Known(bad.Place.Row), line: Known(bad.Place.Line), column: bad.Column, conflict: isKept() ? OutputConflict.Interrupted : null);
            }

            _bad.AddRange(scored.Rows.Bad.Take(MostNamed - _bad.Count).Select(each => each.ToString()));
            if (scored.Comparison is { } comparison)
                Comparison = Comparison?.Add(comparison) ?? comparison;
        }

        public ScoringSummary Summary(string output, ScoringEngine engine, int batchSize, ScoringTotals totals, TimeSpan time) => new()
        {
            Output = output,
            Rows = totals.Rows + totals.Bad,
            Scored = totals.Rows,
            Bad = totals.Bad,
            BadFiles = totals.BadFiles,
            Seconds = time.TotalSeconds,
            Engine = engine,
            BatchSize = batchSize,
            BadRows = _bad,
            Comparison = Comparison,
        };

        private static long? Known(long place) => place > 0 ? place : null;
    }
}
