using System.Globalization;
using System.Text;
using Sconce.Core.Storage;
using Sconce.Files.Csv;
using Sconce.Trainers;
using Sconce.Trainers.Forecasts;

namespace Sconce.Pipelines;

/// <summary>Writes forecasts as a CSV file: one line per step of each series.</summary>
public static class ForecastFile
{
    /// <summary>Writes the columns <c>series</c> (if a series has a name), <c>date</c> (or <c>step</c>, from 1, without dates), <c>forecast</c>, <c>lower</c>, and <c>upper</c>; missing bounds are empty.</summary>
    /// <param name="forecasts">The forecasts.</param>
    /// <param name="path">The file; an existing one is replaced atomically.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(IReadOnlyList<SeriesForecast> forecasts, string path) => AtomicFile.Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        var named = forecasts.Any(forecast => forecast.Series.Length > 0);
        var dated = forecasts.All(forecast => forecast.Dates is not null);
        writer.WriteLine($"{(named ? "series," : "")}{(dated ? "date" : "step")},forecast,lower,upper");
        foreach (var forecast in forecasts)
        {
            for (var step = 0; step < forecast.Values.Length; step++)
            {
                var place = dated ? SeriesRows.Text(forecast.Dates![step], forecast.DateSuffix) : (step + 1).ToString(CultureInfo.InvariantCulture);
                writer.WriteLine($"{(named ? $"{CsvRowWriter.Quote(forecast.Series)}," : "")}{place},{Number(forecast.Values[step])},{Number(forecast.Lower[step])},{Number(forecast.Upper[step])}");
            }
        }
    });

    private static string Number(double value) => double.IsNaN(value) ? "" : value.ToString(CultureInfo.InvariantCulture);
}
