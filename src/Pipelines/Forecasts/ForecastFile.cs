using System.Globalization;
using Sconce.Pipelines.Reports;
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
    public static void Save(IReadOnlyList<SeriesForecast> forecasts, string path)
    {
        var named = forecasts.Any(forecast => forecast.Series.Length > 0);
        var dated = forecasts.All(forecast => forecast.Dates is not null);
        CsvTable.Save(path, forecasts.SelectMany(forecast => forecast.Values.Select((value, step) => Row(
            forecast.Series,
            dated ? SeriesRows.Text(forecast.Dates![step], forecast.DateSuffix) : (step + 1).ToString(CultureInfo.InvariantCulture),
            Number(value), Number(forecast.Lower[step]), Number(forecast.Upper[step])))).Prepend(Row("series", dated ? "date" : "step", "forecast", "lower", "upper")));

        string[] Row(string series, params string[] values) => named ? [series, .. values] : values;
    }

    private static string Number(double value) => double.IsNaN(value) ? "" : value.ToString(CultureInfo.InvariantCulture);
}
