using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML;
using Sconce.Files;
using Sconce.Files.Rows;
using Sconce.Pipelines.Scoring.Parts;

namespace Sconce.Pipelines.Scoring;

/// <summary>Scores files with one model, any number of times.</summary>
internal sealed class FileScoringRun
{
    private const int MostNamed = 10;

    private static readonly JsonSerializerOptions _json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private readonly ModelFile _model;
    private readonly FileScoringOptions _options;
    private readonly ScoringPlan _plan;
    private readonly ScoringChooser _chooser;

    /// <param name="ml">The context.</param>
    /// <param name="model">The model, which stays the caller's.</param>
    /// <param name="options">Everything else.</param>
    /// <exception cref="ArgumentException">The model gives no such column, or nothing that labels can be compared with.</exception>
    /// <exception cref="InvalidDataException">The model reads what is in no file.</exception>
    public FileScoringRun(MLContext ml, ModelFile model, FileScoringOptions options)
    {
        (_model, _options) = (model, options);
        _plan = new ScoringPlan(model, options.Columns, options.Keep, options.LabelColumnName);
        _chooser = new ScoringChooser(ml, _plan, options);
    }

    /// <summary>Scores files into a file.</summary>
    /// <param name="inputs">What is read.</param>
    /// <param name="output">The file.</param>
    /// <param name="moved">Where the input will be when it is scored, as bad rows name it; null where it stays.</param>
    public ScoringSummary Score(IReadOnlyList<string> inputs, string output, string? moved = null)
    {
        var clock = Stopwatch.StartNew();
        var format = FormatOf(output);
        var quarantine = _options.OnError == RowErrors.Quarantine ? _options.QuarantinePath ?? Quarantine.PathFor(output) : null;
        var files = new ScoringInputs(_model, inputs, _options, [output, quarantine ?? Quarantine.PathFor(output)]);
        if (_options.Resume && files.Names.FirstOrDefault(files.ComesOnce) is { } stream)
            throw new ArgumentException($"{(stream == FileScorer.StandardStream ? "The standard input" : $"'{stream}'")} cannot be resumed from, as it is read only once; name a file.");
        using var folder = PartsFolder.Claim(output, new PartedOutputOptions { Resume = _options.Resume, Force = _options.Force, Quarantine = quarantine, Warn = warning => _options.Warnings?.Report(warning) });
        if (folder.IsFinished)
            return new ScoringSummary { Output = output, WasComplete = true };

        var rows = Open(files);
        var choice = Choose(folder.Run, files);
        var run = new ScoringRun
        {
            // Of what was loaded: in a watched folder the zip may be another since.
            Model = _model.Content ?? throw new InvalidOperationException($"'{_model.Path}' was loaded from no file."),
            Inputs = files.Hash(_plan.Request),
            Format = format.Name,
            Columns = _plan.Columns,
            Keep = _plan.Keep,
            Reading = _options.Reading,
            Label = _plan.Label,
            BatchSize = choice.BatchSize,
            Engine = choice.Engine.ToString(),
            AllowsNonFinite = _options.AllowNonFinite,
            RowsPerPart = _options.RowsPerPart ?? folder.Run?.RowsPerPart ?? choice.RowsPerPart,
        };
        var from = folder.Next;
        var resumed = ScoringTotals.Of(folder.Parts).Rows;
        var tally = new Tally(folder.Parts is [.., { Evaluation: { } evaluation }] ? evaluation.Deserialize<LabelComparison>(_json) : null);
        using var target = folder.Begin(run, choice.Plan.SchemaOf(rows.Schema), () => tally.Comparison is { } comparison ? JsonSerializer.SerializeToNode(comparison, _json) : null);
        foreach (var scored in Run(choice, files, rows, from))
        {
            if (moved is not null)
                Rename(scored.Rows.Bad, inputs[0], moved);
            tally.Add(scored, _options.OnError, kept: () => folder.Parts.Count > 0);
            target.Write(scored.Rows, scored.Rows.Bad, scored.End);
            _options.Progress?.Report(target.Totals.Rows);
        }

        Warn(files);
        // It may be the only copy of rows that somebody means to mend.
        if (quarantine is null && Quarantine.PathFor(output) is var earlier && File.Exists(earlier))
            _options.Warnings?.Report($"'{earlier}' is of an earlier run, and stays: this one sets no rows aside");
        target.Complete(_options.CancellationToken);
        var totals = target.Totals;
        return tally.Summary(output, choice, totals, clock.Elapsed) with { Resumed = resumed, Quarantine = totals.HasBad ? quarantine : null };
    }

    /// <summary>Scores files into a stream of text, which stays open.</summary>
    public ScoringSummary Score(IReadOnlyList<string> inputs, Stream output)
    {
        var clock = Stopwatch.StartNew();
        var format = Escaped(RowFormats.Named(_options.OutputFormat ?? RowFormats.Csv.Name)!);
        if (!format.IsText)
            throw new ArgumentException($"The format {format.Name} cannot be written to the standard output; {string.Join(", ", RowFormats.All.Where(each => each.IsText).Select(each => each.Name))} can.");
        if (_options.OnError == RowErrors.Quarantine && _options.QuarantinePath is null)
            throw new ArgumentException("Where rows go to the standard output, --quarantine has to name the file of those that are set aside.");
        var quarantine = _options.OnError == RowErrors.Quarantine ? _options.QuarantinePath : null;
        var files = new ScoringInputs(_model, inputs, _options, []);
        WrittenPaths.Check(_model.Path, files.Names, output: null, quarantine);
        var rows = Open(files);
        var choice = Choose(null, files);
        var tally = new Tally(null);
        using var target = new StreamedOutput(output, format, choice.Plan.SchemaOf(rows.Schema), quarantine, _options.Force);
        foreach (var scored in Run(choice, files, rows, default))
        {
            tally.Add(scored, _options.OnError, kept: () => false);
            target.Write(scored.Rows);
            _options.Progress?.Report(target.Totals.Rows);
        }

        Warn(files);
        var totals = target.Totals;
        target.Complete();
        return tally.Summary(FileScorer.StandardStream, choice, totals, clock.Elapsed) with { Quarantine = totals.HasBad ? quarantine : null };
    }

    private void Warn(ScoringInputs files)
    {
        foreach (var warning in files.Warnings)
            _options.Warnings?.Report(warning);
    }

    private IEnumerable<ScoredBatch> Run(ScoringChoice choice, ScoringInputs files, InputRows rows, InputPosition from)
    {
        // What a model remembers of the rows before is had by scoring them again.
        var first = _plan.ScoresRowsApart ? from : default;
        return new BatchScoring(choice.Plan) { Refuse = files.Refuse, AllowsNonFinite = _options.AllowNonFinite }
            .Run(rows.Read(first, choice.BatchSize, _options.CancellationToken), _options.Threads, _options.CancellationToken)
            .ToBlockingEnumerable(_options.CancellationToken)
            .SkipWhile(scored => scored.End.File < from.File || (scored.End.File == from.File && scored.End.Row <= from.Row));
    }

    private InputRows Open(ScoringInputs files)
    {
        var rows = new InputRows(files.Names, files.Open, _plan.Request) { ComesOnce = files.ComesOnce };
        // A name that is mistyped, or a column that is missing, is found before anything is scored.
        if (_options.OnError == RowErrors.Fail && !files.Names.Any(files.ComesOnce))
            rows.OpenAll(_options.CancellationToken);
        return rows;
    }

    private ScoringChoice Choose(ScoringRun? begun, ScoringInputs files) => begun is null
        ? _chooser.Choose(files)
        : _chooser.Resume(_options.BatchSize ?? begun.BatchSize, _options.Engine == ScoringEngine.Auto && Enum.TryParse<ScoringEngine>(begun.Engine, out var engine) ? engine : _options.Engine);

    private RowFormat FormatOf(string output) => Escaped(_options.OutputFormat is { } name ? RowFormats.Named(name)!
        : RowFormats.TryOfEnding(output, out var format) ? format
        : throw new ArgumentException($"'{output}' ends in '{Path.GetExtension(output)}', which says no format; {string.Join(", ", RowFormats.All.SelectMany(each => each.Endings))} do, or --format."));

    private RowFormat Escaped(RowFormat format) => !_options.EscapeFormulas ? format
        : RowFormats.ForSpreadsheets(format) ?? throw new ArgumentException($"{nameof(FileScoringOptions.EscapeFormulas)} is for CSV and TSV, and the output is {format.Name}, in which a text is never taken for a formula.");

    private static void Rename(List<BadRow> bad, string from, string to)
    {
        for (var i = 0; i < bad.Count; i++)
            bad[i] = bad[i] with { Place = bad[i].Place with { File = Renamed(bad[i].Place.File) }, Reason = Renamed(bad[i].Reason) };

        string Renamed(string text) => text.Replace(from, to, StringComparison.Ordinal);
    }

    /// <summary>Counts what comes, and ends it at the first bad row where that is asked for.</summary>
    private sealed class Tally(LabelComparison? earlier)
    {
        private readonly List<string> _bad = [];

        public LabelComparison? Comparison { get; private set; } = earlier;

        public void Add(ScoredBatch scored, RowErrors onError, Func<bool> kept)
        {
            if (onError == RowErrors.Fail && scored.Rows.Bad is [var bad, ..])
            {
                throw new InvalidDataException($"{bad}. --on-error skip leaves such {(bad.IsFile ? "files" : "rows")} out, and --on-error quarantine sets them aside."
                    + (kept() ? " With --resume either goes on after the rows that are written already." : ""));
            }

            _bad.AddRange(scored.Rows.Bad.Take(MostNamed - _bad.Count).Select(each => each.ToString()));
            if (scored.Comparison is { } comparison)
                Comparison = Comparison?.Add(comparison) ?? comparison;
        }

        public ScoringSummary Summary(string output, ScoringChoice choice, ScoringTotals totals, TimeSpan time) => new()
        {
            Output = output,
            Rows = totals.Rows + totals.Bad,
            Scored = totals.Rows,
            Bad = totals.Bad,
            BadFiles = totals.BadFiles,
            Seconds = time.TotalSeconds,
            Engine = choice.Engine,
            BatchSize = choice.BatchSize,
            BadRows = _bad,
            Comparison = Comparison,
        };
    }
}
