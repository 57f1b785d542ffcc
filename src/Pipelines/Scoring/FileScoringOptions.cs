using Sconce.Core.Errors;
using Sconce.Files;
using Sconce.Files.Rows;
using Sconce.Trainers.Persistence;

namespace Sconce.Pipelines;

/// <summary>Options for scoring files.</summary>
public sealed record FileScoringOptions
{
    internal const string UsualLabel = "Label";

    /// <summary>The maximum number of threads: each holds its own batches and takes time to start.</summary>
    internal const int MostThreads = 256;

    /// <summary>
    /// The model's columns to write, in order. Default: null, the results of its last step: <c>PredictedLabel</c>, <c>Score</c>, <c>Code</c>, ...
    /// </summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>
    /// The input columns to write before the model's. An empty name means the column without a name, which is written as a space. Default:
    /// null, none; for image files, their paths.
    /// </summary>
    public IReadOnlyList<string>? Keep { get; init; }

    /// <summary>What happens with a row or a file that cannot be used. Default: <see cref="RowErrors.Fail"/>.</summary>
    public RowErrors OnError { get; init; }

    /// <summary>
    /// The file for quarantined rows (<see cref="RowErrors.Quarantine"/>): a CSV file with the columns File, Row, Line, Reason and Content.
    /// Default: <c>NAME.quarantine.csv</c> beside the output.
    /// </summary>
    public string? QuarantinePath { get; init; }

    /// <summary>
    /// Whether to write rows whose scores are NaN or infinite. Default: false, which treats them as bad rows. This checks the columns that
    /// the model computes, and the score from which a label was chosen, even if it is not written. Models that forecast series are not
    /// checked, because their first rows have no forecast.
    /// </summary>
    public bool AllowNonFinite { get; init; }

    /// <summary>The rows scored at once, at least 1. Default: null, 256, or the batch size of the run that is resumed.</summary>
    public int? BatchSize { get; init; }

    /// <summary>
    /// The engine that runs the model's networks. Default: <see cref="ScoringEngine.Auto"/>, or the engine of the run that is resumed.
    /// </summary>
    public ScoringEngine Engine { get; init; }

    /// <summary>The number of threads that score, 1 to 256. Default: null, the number of processors.</summary>
    public int? NumberOfThreads { get; init; }

    /// <summary>The rows per part of the output, at least 1; finished parts survive a crash. Default: null, 65,536; text parts also end after ten seconds.</summary>
    public int? RowsPerPart { get; init; }

    /// <summary>Whether to resume an interrupted run; if there is none, a new run starts. Default: false.</summary>
    public bool Resume { get; init; }

    /// <summary>Whether to replace an existing output. Default: false.</summary>
    public bool Force { get; init; }

    /// <summary>
    /// The input's column that scores are compared with. Inputs may lack it if it is <c>Label</c>, the usual name. Default: null, no comparison.
    /// </summary>
    public string? LabelColumnName { get; init; }

    /// <summary>Whether text files start with a header of column names. Default: null, detected.</summary>
    public bool? HasHeader { get; init; }

    /// <summary>The delimiter of CSV. Default: null, detected from each file's first line.</summary>
    public char? Delimiter { get; init; }

    /// <summary>
    /// The escape character of quotes in quoted fields of CSV: <c>"</c> for a doubled quote, or <c>\</c> to accept a backslash as well, as
    /// Spark and MySQL write it. Default: null, a doubled quote, and a backslash in rows that cannot be read otherwise.
    /// </summary>
    public char? EscapeCharacter { get; init; }

    /// <summary>The decimal marker of numbers in CSV, <c>.</c> or <c>,</c>. Thousands separators are not read. Default: <c>.</c>.</summary>
    public char DecimalMarker { get; init; } = '.';

    /// <summary>
    /// The format of dates in CSV and JSON Lines, a .NET format string: <c>dd.MM.yyyy HH:mm</c>. Default: null, ISO 8601: <c>2003-12-31</c>, optionally
    /// followed by <c>T</c> or a space and a time, <c>23:59</c> or <c>23:59:59.999</c>, and by <c>Z</c> or an offset, <c>+01:00</c>; without one, UTC.
    /// </summary>
    public string? DateTimeFormat { get; init; }

    /// <summary>
    /// Whether to put an apostrophe, in CSV and TSV, before text that a spreadsheet would evaluate as a formula: text that starts with
    /// <c>=</c>, <c>+</c>, <c>-</c>, <c>@</c>, a tab or a carriage return and is not a number. Default: false.
    /// </summary>
    public bool EscapeFormulas { get; init; }

    /// <summary>The format of the inputs: csv, tsv, parquet, arrow, jsonl or idx. Default: null, detected from each file's first bytes and name.</summary>
    public string? InputFormat { get; init; }

    /// <summary>The format of the output, likewise. Default: null, inferred from the extension.</summary>
    public string? OutputFormat { get; init; }

    /// <summary>Receives the number of rows written so far, periodically.</summary>
    public IProgress<long>? Progress { get; init; }

    /// <summary>Receives warnings: messages for the user that are not errors.</summary>
    public IProgress<string>? Warnings { get; init; }

    /// <summary>Stops between two batches; finished parts stay, and the run can be resumed.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>
    /// How inputs are read, as written to a run's manifest. Newer options are included only if they are set, so that older runs can be
    /// resumed.
    /// </summary>
    internal string Reading => string.Concat(
        $"format {InputFormat ?? "auto"}, header {HasHeader switch { true => "yes", false => "no", null => "auto" }}, ",
        $"delimiter {(Delimiter is { } delimiter ? $"'{delimiter}'" : "auto")}",
        EscapeCharacter is { } escape ? $", escape '{escape}'" : "",
        DecimalMarker == ',' ? ", decimal ','" : "",
        DateTimeFormat is { } dates ? $", dates '{dates}'" : "");

    internal int Threads => NumberOfThreads ?? Environment.ProcessorCount;

    /// <exception cref="ArgumentException">A value is invalid; the message names it.</exception>
    internal void Validate()
    {
        Check.AtLeast(BatchSize ?? 1, 1, nameof(BatchSize));
        Check.AtLeast(NumberOfThreads ?? 1, 1, nameof(NumberOfThreads));
        Check.AtMost(NumberOfThreads ?? 1, MostThreads, nameof(NumberOfThreads));
        Check.AtLeast(RowsPerPart ?? 1, 1, nameof(RowsPerPart));
        LoadRowsOptions.CheckText(Delimiter, EscapeCharacter, DecimalMarker, DateTimeFormat);
        foreach (var (value, name) in ((string?, string)[])[(InputFormat, nameof(InputFormat)), (OutputFormat, nameof(OutputFormat))])
        {
            if (value is not null && RowFormats.Named(value) is null)
                throw new ArgumentException($"{name} is '{value}'; it has to be one of {string.Join(", ", RowFormats.All.Select(format => format.Name))}.", name);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
