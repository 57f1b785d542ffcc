using System.CommandLine;

namespace Sconce.Host.Commands;

/// <summary>Which columns of a CSV file make up a series.</summary>
internal static class SeriesArguments
{
    public static readonly Option<string?> Date = new("--date-column") { Description = "The column of the dates, yyyy-MM-dd, with a time and its offset from UTC where there are any. Default: the one that is called Date, or else the first." };
    public static readonly Option<string?> Value = new("--value-column") { Description = "The column of the values. Default: the one that is called Value, or else the only one that is left." };
    public static readonly Option<string?> Series = new("--series-column") { Description = "The column that names the series of a row. Default: the file holds one series." };
    public static readonly Option<string> DecimalMarker = new Option<string>("--decimal-marker") { Description = "What separates the decimals of a number.", DefaultValueFactory = _ => "." }.AcceptOnlyFromAmong(".", ",");
}
