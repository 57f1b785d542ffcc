using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Sconce.Files;
using Sconce.Files.Csv;
using Sconce.Files.Text;

namespace Sconce.Host.Commands;

/// <summary>What commands take that read files of rows, and how they are read.</summary>
internal static class InputArguments
{
    public static readonly Option<string[]> Input = new("--input") { Description = "Files of rows, folders and patterns ('days/*.csv'): CSV, TSV, JSON Lines (also as .gz), Parquet, Arrow or IDX; instead of --data.", AllowMultipleArgumentsPerToken = true };
    public static readonly Option<string?> LabelColumn = new("--label-column") { Description = $"The column with the label: text or whole numbers are classes. Default: {DefaultLabel}." };
    public static readonly Option<string?> Format = new("--input-format") { Description = "The inputs' format: csv, tsv, parquet, arrow, jsonl or idx. Default: detected from each file's first bytes and name." };
    private const string DefaultLabel = "Label";

    private static readonly Option<string> _header = new("--header") { Description = "Whether CSV files begin with column names: yes, no, or auto.", DefaultValueFactory = _ => "auto" };
    private static readonly Option<string?> _delimiter = new("--delimiter") { Description = "The field delimiter of CSV: one character, or tab. Default: detected from the first line." };
    private static readonly Option<string> _escape = new("--escape-char") { Description = "What escapes a quote inside a quoted CSV field: quote (\"\"), backslash (\\\"), or auto.", DefaultValueFactory = _ => "auto" };
    private static readonly Option<string> _decimalMarker = new Option<string>("--decimal-marker") { Description = "The decimal separator of numbers in CSV: 0.5 or 0,5.", DefaultValueFactory = _ => "." }.AcceptOnlyFromAmong(".", ",");
    private static readonly Option<string?> _dateFormat = new("--date-format") { Description = "The format of dates in CSV and JSON Lines, as a .NET format string: 'dd.MM.yyyy HH:mm'. Default: ISO 8601." };

    /// <summary>How files are read, whatever they are read for.</summary>
    public static IReadOnlyList<Option> Reading { get; } = CreateReading();

    /// <summary>The column with the label.</summary>
    public static string LabelOf(ParseResult result) => result.GetValue(LabelColumn) ?? DefaultLabel;

    /// <summary>How files are read.</summary>
    public static LoadRowsOptions ReadingOf(ParseResult result, CancellationToken cancellation) => new()
    {
        Format = result.GetValue(Format),
        HasHeader = result.GetValue(_header) switch { "yes" => true, "no" => false, _ => null },
        Delimiter = DelimiterOf(result.GetValue(_delimiter)),
        EscapeCharacter = result.GetValue(_escape) switch { "quote" => '"', "backslash" => '\\', _ => null },
        DecimalMarker = result.GetValue(_decimalMarker)![0],
        DateTimeFormat = result.GetValue(_dateFormat),
        CancellationToken = cancellation,
    };

    /// <summary>Checks what says how files are read.</summary>
    public static void ValidateReading(CommandResult result)
    {
        if (result.GetValue(_delimiter) is { } delimiter && DelimiterOf(delimiter) is null)
            result.AddError($"--delimiter is '{delimiter}'; one character, or tab, is expected.");
        if (result.GetValue(Format) is { } format && !Pipelines.FileScorer.Formats.Contains(format))
            result.AddError($"{Format.Name} is '{format}'; one of {string.Join(", ", Pipelines.FileScorer.Formats)} is expected.");
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

    /// <summary>Names that are separated by commas, in quotes where one has a comma itself; null where none were given.</summary>
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

    private static Option[] CreateReading()
    {
        _header.AcceptOnlyFromAmong("auto", "yes", "no");
        _escape.AcceptOnlyFromAmong("auto", "quote", "backslash");
        return [Format, _header, _delimiter, _escape, _decimalMarker, _dateFormat];
    }
}
