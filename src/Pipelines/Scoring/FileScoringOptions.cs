using Sconce.Core.Errors;
using Sconce.Files;
using Sconce.Files.Rows;
using Sconce.Files.Text;
using Sconce.Trainers.Persistence;

namespace Sconce.Pipelines;

/// <summary>How files are scored.</summary>
public sealed record FileScoringOptions
{
    internal const string UsualLabel = "Label";

    /// <summary>Each thread has batches of its own on the way, and a beginning that takes time.</summary>
    internal const int MostThreads = 256;

    /// <summary>The model's columns that are written, in order. Null, the default, for the results of its last step: <c>PredictedLabel</c>, <c>Score</c>, <c>Code</c>, ...</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>The input's columns that are written before them. An empty name is that of a column whose name is empty, which is written as a blank. Null, the default, for none; of image files, for their paths.</summary>
    public IReadOnlyList<string>? Keep { get; init; }

    /// <summary>What happens with a row, or a file, that cannot be used. Default: <see cref="RowErrors.Fail"/>.</summary>
    public RowErrors OnError { get; init; }

    /// <summary>Where rows go under <see cref="RowErrors.Quarantine"/>, a CSV file with the columns File, Row, Line, Reason and Content. Default: <c>NAME.quarantine.csv</c> beside the output.</summary>
    public string? QuarantinePath { get; init; }

    /// <summary>
    /// Whether rows are written whose scores are NaN or infinite. Default: false, such a row cannot be used. The columns that the model makes count, and the score
    /// that a label was chosen by although it is not written; of a model that forecasts series none does, as the first rows have no forecast.
    /// </summary>
    public bool AllowNonFinite { get; init; }

    /// <summary>The rows of a batch, at least 1. Null, the default, to measure it on the first rows of a long input; of a short one 256.</summary>
    public int? BatchSize { get; init; }

    /// <summary>What runs the model's networks. Default: <see cref="ScoringEngine.Auto"/>.</summary>
    public ScoringEngine Engine { get; init; }

    /// <summary>The number of threads that score, 1 to 256. Null, the default, for the number of processors.</summary>
    public int? NumberOfThreads { get; init; }

    /// <summary>The rows of a part of the output, at least 1. Null, the default, for about ten seconds' worth, at most 65,536.</summary>
    public int? RowsPerPart { get; init; }

    /// <summary>Whether a run that was interrupted is gone on with. Default: false.</summary>
    public bool Resume { get; init; }

    /// <summary>Whether an output that exists is replaced. Default: false.</summary>
    public bool Force { get; init; }

    /// <summary>The input's column that scores are compared with; files may lack it if it is <c>Label</c>, which those of labels are usually called. Null, the default, for no comparison.</summary>
    public string? LabelColumnName { get; init; }

    /// <summary>Whether files of text begin with the columns' names. Null, the default, for those that look like it.</summary>
    public bool? HasHeader { get; init; }

    /// <summary>What separates the fields of CSV. Null, the default, for what each file's first line shows.</summary>
    public char? Delimiter { get; init; }

    /// <summary>
    /// What makes a quote within the quotes of CSV part of a text: <c>"</c>, another quote, or <c>\</c>, a backslash as well, as Spark and MySQL write it.
    /// Null, the default, for another quote, but for rows of one line that can be read with backslashes alone.
    /// </summary>
    public char? EscapeCharacter { get; init; }

    /// <summary>What is before the decimals of a number in CSV, <c>.</c> or <c>,</c>. Separators of thousands are not read. Default: a point.</summary>
    public char DecimalMarker { get; init; } = '.';

    /// <summary>
    /// The format of dates in CSV and JSON Lines, as .NET writes them: <c>dd.MM.yyyy HH:mm</c>. Null, the default, for ISO 8601: <c>2003-12-31</c>, which
    /// <c>T</c> or a blank and a time as <c>23:59</c> or <c>23:59:59.999</c> may follow, and <c>Z</c> or an offset as <c>+01:00</c>; what has neither is UTC.
    /// </summary>
    public string? DateTimeFormat { get; init; }

    /// <summary>
    /// Whether texts that a spreadsheet would take for formulas, as they begin with <c>=</c>, <c>+</c>, <c>-</c>, <c>@</c>, a tab or a carriage return and are no
    /// numbers, have an apostrophe put before them in CSV and TSV. Default: false.
    /// </summary>
    public bool EscapeFormulas { get; init; }

    /// <summary>The format of the inputs: csv, tsv, parquet, arrow, jsonl or idx. Null, the default, for what each file's first bytes and name say.</summary>
    public string? InputFormat { get; init; }

    /// <summary>The format of the output, likewise. Null, the default, for what its name ends in.</summary>
    public string? OutputFormat { get; init; }

    /// <summary>Is told the number of rows written so far, now and then.</summary>
    public IProgress<long>? Progress { get; init; }

    /// <summary>Is told what a user should know that is no error.</summary>
    public IProgress<string>? Warnings { get; init; }

    /// <summary>Stops between two batches; a run of which a part is complete can be resumed.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>What changes how inputs are read, as a run's manifest has it; what is not given is not named, as runs that began before have it.</summary>
    internal string Reading => string.Concat(
        $"format {InputFormat ?? "auto"}, header {HasHeader switch { true => "yes", false => "no", null => "auto" }}, delimiter {(Delimiter is { } delimiter ? $"'{delimiter}'" : "auto")}",
        EscapeCharacter is { } escape ? $", escape '{escape}'" : "",
        DecimalMarker == ',' ? ", decimal ','" : "",
        DateTimeFormat is { } dates ? $", dates '{dates}'" : "");

    internal int Threads => NumberOfThreads ?? Environment.ProcessorCount;

    /// <exception cref="ArgumentException">A value makes no sense; the message names it.</exception>
    internal void Validate()
    {
        Check.AtLeast(BatchSize ?? 1, 1, nameof(BatchSize));
        Check.AtLeast(NumberOfThreads ?? 1, 1, nameof(NumberOfThreads));
        Check.AtMost(NumberOfThreads ?? 1, MostThreads, nameof(NumberOfThreads));
        Check.AtLeast(RowsPerPart ?? 1, 1, nameof(RowsPerPart));
        if (EscapeCharacter is not (null or '"' or '\\'))
            throw new ArgumentException($"{nameof(EscapeCharacter)} is '{EscapeCharacter}'; it has to be a quote or a backslash.", nameof(EscapeCharacter));
        if (DecimalMarker is not ('.' or ','))
            throw new ArgumentException($"{nameof(DecimalMarker)} is '{DecimalMarker}'; it has to be a point or a comma.", nameof(DecimalMarker));
        if (DateTimeFormat is { } dates)
            IsoTime.CheckFormat(dates, nameof(DateTimeFormat));
        foreach (var (value, name) in ((string?, string)[])[(InputFormat, nameof(InputFormat)), (OutputFormat, nameof(OutputFormat))])
        {
            if (value is not null && RowFormats.Named(value) is null)
                throw new ArgumentException($"{name} is '{value}'; it has to be one of {string.Join(", ", RowFormats.All.Select(format => format.Name))}.", name);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
