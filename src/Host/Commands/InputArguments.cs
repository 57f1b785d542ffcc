using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Sconce.Files;
using Sconce.Files.Csv;
using Sconce.Files.Text;

namespace Sconce.Host.Commands;

/// <summary>The options of commands that read files of rows.</summary>
internal static class InputArguments
{
    public static readonly Option<string[]> Input = new("--input")
    {
        Description = "Files of rows, folders, and patterns such as 'days/*.csv'. Formats: CSV, TSV, Parquet, Arrow, JSON Lines, and IDX; text may be gzip-compressed.",
        AllowMultipleArgumentsPerToken = true,
    };

    public static readonly Option<string?> LabelColumn = new("--label-column") { Description = $"The label column; text and whole numbers are classes. Default: {DefaultLabel}." };
    public static readonly Option<string?> Format = new("--input-format") { Description = "The input format: csv, tsv, parquet, arrow, jsonl, or idx. Default: detected from each file's content and name." };
    public static readonly Option<string> DecimalMarker = new Option<string>("--decimal-marker")
    {
        Description = "The decimal separator in text files: a point or a comma. Thousands separators are not supported.",
        DefaultValueFactory = _ => ".",
    }.AcceptOnlyFromAmong(".", ",");

    public const string DefaultLabel = "Label";

    private static readonly Option<string> _header = new Option<string>("--header")
    {
        Description = "Whether CSV files start with a header row: yes, no, or auto.",
        DefaultValueFactory = _ => "auto",
    }.AcceptOnlyFromAmong("auto", "yes", "no");

    private static readonly Option<string?> _delimiter = new("--delimiter") { Description = "The CSV delimiter: one character, or tab. Default: detected from the first line." };
    private static readonly Option<string> _escape = new Option<string>("--escape-char")
    {
        Description = "How CSV escapes a quote inside quotes: quote (\"\"), backslash (\\\", as Spark and MySQL write it), or auto (backslash only in rows that cannot be read otherwise).",
        DefaultValueFactory = _ => "auto",
    }.AcceptOnlyFromAmong("auto", "quote", "backslash");

    private static readonly Option<string?> _dateFormat = new("--date-format")
    {
        Description = "The date format in CSV and JSON Lines, as a .NET format string such as 'dd.MM.yyyy HH:mm'. "
            + "Default: ISO 8601, such as 2003-12-31 or 2003-12-31T23:59:00+01:00; times without an offset are UTC.",
    };

    /// <summary>The options for reading files, for any purpose.</summary>
    public static IReadOnlyList<Option> Reading { get; } = [Format, _header, _delimiter, _escape, DecimalMarker, _dateFormat];

    /// <summary>The column with the label.</summary>
    public static string LabelOf(ParseResult result) => result.GetValue(LabelColumn) ?? DefaultLabel;

    /// <summary>How files are read.</summary>
    public static LoadRowsOptions ReadingOf(ParseResult result, CancellationToken cancellation) => new()
    {
        Format = result.GetValue(Format),
        HasHeader = result.GetValue(_header) switch { "yes" => true, "no" => false, _ => null },
        Delimiter = DelimiterOf(result.GetValue(_delimiter)),
        EscapeCharacter = result.GetValue(_escape) switch { "quote" => '"', "backslash" => '\\', _ => null },
        DecimalMarker = result.GetValue(DecimalMarker)![0],
        DateTimeFormat = result.GetValue(_dateFormat),
        OnError = result.GetValue(ImageArguments.OnError),
        CancellationToken = cancellation,
    };

    /// <summary>Checks the options for reading files.</summary>
    public static void ValidateReading(CommandResult result)
    {
        if (result.GetValue(_delimiter) is { } delimiter && DelimiterOf(delimiter) is null)
            result.AddError($"--delimiter is '{delimiter}'; one character, or tab, is expected.");
        ValidateFormat(result, Format);
        if (result.GetValue(_dateFormat) is not { } dates)
            return;
        try
        {
            IsoTime.CheckFormat(dates, _dateFormat.Name);
        }
        catch (ArgumentException exception)
        {
            result.AddError(exception.Message.Split(" (Parameter")[0]);
        }
    }

    /// <summary>Checks the name of a format.</summary>
    public static void ValidateFormat(CommandResult result, Option<string?> option)
    {
        if (result.GetValue(option) is { } format && !Pipelines.FileScorer.Formats.Contains(format))
            result.AddError($"{option.Name} is '{format}'; one of {string.Join(", ", Pipelines.FileScorer.Formats)} is expected.");
    }

    /// <summary>Names that are separated by commas, in quotes if a name contains a comma; null if there are none.</summary>
    public static IReadOnlyList<string>? Names(string[]? values) => values is null or [] ? null : [.. values.SelectMany(value => value.Contains('"', StringComparison.Ordinal)
        ? CsvRecords.Split(value)
        : value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    /// <summary>Sizes such as 28x28; null for anything else.</summary>
    public static int[]? Sizes(string? text)
    {
        var sizes = text?.Split('x').Select(size => int.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0).ToArray();
        return sizes is null || sizes.Any(size => size < 1) ? null : sizes;
    }

    private static char? DelimiterOf(string? text) => text switch
    {
        "tab" or "\\t" => '\t',
        [var one] => one,
        _ => null,
    };
}
