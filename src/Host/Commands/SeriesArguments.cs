using System.CommandLine;
using Sconce.Pipelines;

namespace Sconce.Host.Commands;

/// <summary>The columns of a file of series.</summary>
internal static class SeriesArguments
{
    public static readonly Option<string?> Date = new("--date-column")
    {
        Description = "The date column: yyyy-MM-dd, optionally with a time and its offset from UTC. Default: the column named Date, otherwise the first.",
    };

    public static readonly Option<string?> Value = new("--value-column") { Description = "The value column. Default: the column named Value, otherwise the only remaining column." };
    public static readonly Option<string?> Series = new("--series-column") { Description = "The column that names each row's series. Default: none; the file holds one series." };

    /// <summary>Which columns of files are read, and how.</summary>
    public static SeriesColumns Of(ParseResult result) => new()
    {
        Date = result.GetValue(Date),
        Value = result.GetValue(Value),
        Series = result.GetValue(Series),
        DecimalMarker = result.GetValue(InputArguments.DecimalMarker)![0],
        Format = result.GetValue(InputArguments.Format),
    };
}
