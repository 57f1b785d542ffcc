using System.Globalization;
using Sconce.Pipelines;
using Sconce.Trainers;
using Sconce.Trainers.Forecasts;

namespace Sconce.Host.Display;

/// <summary>Prints forecasts and their errors as tables.</summary>
internal static class ForecastDisplay
{
    public static void Print(Terminal terminal, ForecastComparison comparison)
    {
        terminal.Table(
            ["forecast", "MAE", "RMSE", "sMAPE", "MASE", $"of {comparison.Baseline.Method}", $"in {Level(comparison.ConfidenceLevel)} bounds", "bounds' width"],
            comparison.Results.Select(result => (string[])
            [
                result.Method, Number(result.Errors.MeanAbsolute), Number(result.Errors.RootMeanSquared), $"{result.Errors.SymmetricPercentage / 100:P2}", Defined(result.Errors.Scaled, "F3"),
                Defined(result.Errors.MeanAbsolute / comparison.Baseline.Errors.MeanAbsolute, "P1"),
                result.Interval is { } interval ? $"{interval.Coverage:P1}" : "", result.Interval is { Width: var width } ? Number(width) : "",
            ]));
        if (comparison.Unscaled is [{ Name: "", Reason: var reason }])
            terminal.Line($"MASE is not defined: the series {reason} in its training part.");
        else if (comparison.Unscaled.Count > 0)
            terminal.Line($"MASE {(comparison.Unscaled.Count == comparison.SeriesCount ? "is not defined" : "leaves out series for which it is not defined")}: {Listed([.. comparison.Unscaled.Select(series => $"'{series.Name}' {series.Reason}")])} in the training part.");
    }

    public static void Print(Terminal terminal, ForecastTransformer model)
    {
        var columns = model.Columns;
        string[] covariates = [.. columns.PastCovariates, .. columns.KnownCovariates.Select(name => $"{name} (known in advance)")];
        terminal.Line($"Forecasts: column '{columns.Value}', {model.Horizon} steps{(model.Frequency is { } frequency ? $" of {frequency}" : "")} from {model.WindowSize} rows{(covariates.Length > 0 ? $", and {string.Join(", ", covariates)}" : "")}; {Level(model.ConfidenceLevel)} bounds.");
        var definition = model.Forecaster.Definition;
        if (definition.IsLimited)
            terminal.Line($"Limits: {string.Join(", ", new[] { definition.Minimum is { } least ? $"at least {least}" : null, definition.Maximum is { } most ? $"at most {most}" : null }.OfType<string>())}.");
        if (model.Calendar is { } calendar)
            terminal.Line($"Calendar: {(calendar.DayOfWeek ? "day of the week, " : "")}{calendar.YearlyHarmonics} yearly harmonics, holidays: {calendar.Holidays?.Name ?? "none"}.");
        if (model.Series is not [""])
            terminal.Line($"Series: {Listed(model.Series)}.");
    }

    public static void Print(Terminal terminal, SeriesForecast forecast, double confidence)
    {
        var bounded = !forecast.Lower.Any(double.IsNaN);
        string[] headings = [forecast.Dates is null ? "step" : "date", forecast.Series.Length > 0 ? forecast.Series : "forecast"];
        terminal.Table(
            bounded ? [.. headings, $"lower ({Level(confidence)})", "upper"] : headings,
            forecast.Values.Select((value, step) => (string[])
            [
                Place(forecast, step), Number(value), .. bounded ? (string[])[Number(forecast.Lower[step]), Number(forecast.Upper[step])] : [],
            ]));
    }

    /// <summary>Says why there are no bounds, if there are none.</summary>
    public static void PrintMissingBounds(Terminal terminal, ForecastTransformer model, double confidence)
    {
        var (windows, least) = (model.Forecaster.Intervals.Windows, ForecastIntervals.LeastWindows(confidence));
        if (windows < least)
            terminal.Line($"No {Level(confidence)} bounds: they need {least:N0} held-out windows, and the model has {windows:N0}. Use longer series or a lower --confidence.");
    }

    private static string Listed(IReadOnlyList<string> names)
    {
        const int Shown = 10;
        return $"{string.Join(", ", names.Take(Shown))}{(names.Count > Shown ? $" and {names.Count - Shown} more" : "")}";
    }

    /// <summary>A number, or nothing if it is not defined.</summary>
    private static string Defined(double value, string format) => double.IsFinite(value) ? value.ToString(format, CultureInfo.CurrentCulture) : "";

    /// <summary>A fraction in percent, with the decimals it was given: 97.5 % is not 98 %.</summary>
    private static string Level(double share)
    {
        const int MostDecimals = 4;
        var decimals = Enumerable.Range(0, MostDecimals).FirstOrDefault(count => Math.Round(share, count + 2) == share, MostDecimals);
        return share.ToString($"P{decimals}", CultureInfo.CurrentCulture);
    }

    private static string Place(SeriesForecast forecast, int step) => forecast.Dates is { } dates ? SeriesRows.Text(dates[step], forecast.DateSuffix) : $"{step + 1}";

    /// <summary>A number with four significant digits.</summary>
    public static string Number(double value)
    {
        const int Figures = 4;
        if (Math.Abs(value) is > 0 and < 1e-3 or >= 1e15)
            return value.ToString($"G{Figures}", CultureInfo.CurrentCulture);
        var decimals = Math.Clamp(Figures - 1 - (int)Math.Floor(Math.Log10(Math.Max(Math.Abs(value), 1e-9))), 0, Figures);
        return value.ToString($"N{Math.Min(decimals, Figures - 1)}", CultureInfo.CurrentCulture);
    }
}
