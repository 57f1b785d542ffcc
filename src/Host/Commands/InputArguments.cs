using System.CommandLine;
using System.CommandLine.Parsing;
using Sconce.Files.Csv;
using Sconce.Files.Text;
using Sconce.Pipelines;

namespace Sconce.Host.Commands;

/// <summary>How input files are read: the same options in every command that reads files of rows.</summary>
internal static class InputArguments
{
    public static readonly Option<string?> Format = new("--input-format") { Description = "The input format: csv, tsv, parquet, arrow, jsonl, or idx. Default: detected from each file's content and name." };
    public static readonly Option<string> Header = new Option<string>("--header")
    {
        Description = "Whether CSV files start with a header row: yes, no, or auto.",
        DefaultValueFactory = _ => "auto",
    }.AcceptOnlyFromAmong("auto", "yes", "no");

    public static readonly Option<string?> Delimiter = new("--delimiter") { Description = "The CSV delimiter: one character, or tab. Default: detected from the first line." };
    public static readonly Option<string> Escape = new Option<string>("--escape-char")
    {
        Description = "How CSV escapes a quote inside quotes: quote (\"\"), backslash (\\\", as Spark and MySQL write it), or auto (backslash only in rows that cannot be read otherwise).",
        DefaultValueFactory = _ => "auto",
    }.AcceptOnlyFromAmong("auto", "quote", "backslash");

    public static readonly Option<string> DecimalMarker = new Option<string>("--decimal-marker")
    {
        Description = "The decimal separator in text files: a point or a comma. Thousands separators are not supported.",
        DefaultValueFactory = _ => ".",
    }.AcceptOnlyFromAmong(".", ",");

    public static readonly Option<string?> DateFormat = new("--date-format")
    {
        Description = "The date format in CSV and JSON Lines, as a .NET format string such as 'dd.MM.yyyy HH:mm'. Default: ISO 8601, such as 2003-12-31 or 2003-12-31T23:59:00+01:00; times without an offset are UTC.",
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } = [Header, Delimiter, Escape, DecimalMarker, DateFormat, Format];

    /// <summary>Whether the first line is a header; null for auto.</summary>
    public static bool? HasHeader(ParseResult result) => result.GetValue(Header) switch { "yes" => true, "no" => false, _ => null };

    /// <summary>The delimiter; null for auto.</summary>
    public static char? DelimiterOf(ParseResult result) => DelimiterOf(result.GetValue(Delimiter));

    /// <summary>The escape character; null for auto.</summary>
    public static char? EscapeCharacterOf(ParseResult result) => result.GetValue(Escape) switch { "quote" => '"', "backslash" => '\\', _ => null };

    /// <summary>The decimal separator.</summary>
    public static char DecimalMarkerOf(ParseResult result) => result.GetValue(DecimalMarker)![0];

    /// <summary>Names of columns, separated by commas, as CSV quotes them; null where the option was not given.</summary>
    public static IReadOnlyList<string>? ColumnNames(string[]? values) => values is null or [] ? null : [.. values.SelectMany(value => value.Contains('"', StringComparison.Ordinal)
        ? CsvRecords.Split(value)
        : value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    /// <summary>Refuses values that no file could be read by.</summary>
    public static void Validate(CommandResult result)
    {
        if (result.GetValue(Delimiter) is { } delimiter && DelimiterOf(delimiter) is null)
            result.AddError($"{Delimiter.Name} is '{delimiter}'; one character, or tab, is expected.");
        ValidateFormat(result, Format);
        if (result.GetValue(DateFormat) is not { } dates)
            return;
        try
        {
            IsoTime.CheckFormat(dates, DateFormat.Name);
        }
        catch (ArgumentException exception)
        {
            result.AddError(exception.Message.Split(" (Parameter")[0]);
        }
    }

    /// <summary>Refuses a name that no format has.</summary>
    public static void ValidateFormat(CommandResult result, Option<string?> option)
    {
        if (result.GetValue(option) is { } format && !FileScorer.Formats.Contains(format))
            result.AddError($"{option.Name} is '{format}'; one of {string.Join(", ", FileScorer.Formats)} is expected.");
    }

    private static char? DelimiterOf(string? text) => text switch
    {
        "tab" or "\\t" => '\t',
        [var one] => one,
        _ => null,
    };
}
