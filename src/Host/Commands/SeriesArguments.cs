using System.CommandLine;

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
}
