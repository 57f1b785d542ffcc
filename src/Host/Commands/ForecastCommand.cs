using System.CommandLine;
using Microsoft.ML;
using Sconce.Core.Storage;
using Sconce.Host.Display;
using Sconce.Pipelines;
using Sconce.Trainers;
using Sconce.Trainers.Forecasts;

namespace Sconce.Host.Commands;

/// <summary><c>sconce forecast MODEL</c>: the values that follow those that a model has, after those that it is given.</summary>
internal static class ForecastCommand
{
    private const string Table = ".csv";

    public static Command Create(Func<ParseResult, Terminal> open)
    {
        var model = new Argument<string>("MODEL") { Description = "The zip of a model that forecasts, as 'sconce train forecast' makes it." };
        var steps = new Option<int?>("--steps") { Description = "The number of values to forecast. At most 100,000. Default: as many as the model was trained for; beyond that, forecasts are taken for values." };
        var confidence = new Option<double?>("--confidence") { Description = "The share of the values that the bounds shall hold, between 0 and 1. Default: that which the model was trained with." };
        var append = new Option<string?>("--append") { Description = "A CSV file of what came since: the model is saved with it, without being trained again." };
        var known = new Option<string?>("--known") { Description = "A CSV file of what is known in advance, a row for each step, where the model was trained with --known-covariates." };
        var series = new Option<string?>("--series") { Description = "The series to forecast, where the model has several. Default: all." };
        var output = new Option<string>("--output", "-o") { Description = "The file to write: .csv for a table, .png for a picture with last year's curve under the forecast." };
        var command = new Command("forecast", "Forecast the values that follow, with bounds; or give a model those that came.") { model, steps, confidence, append, known, series, output, SeriesArguments.Date, SeriesArguments.Value, SeriesArguments.Series, SeriesArguments.DecimalMarker };
        command.SetAction(result =>
        {
            var terminal = open(result);
            var ml = new MLContext();
            var path = result.GetValue(model)!;
            var appended = result.GetValue(append);
            var file = result.GetValue(output) is null ? null : result.CheckOutput(output, [Table, OutputArgument.Picture], [path, .. new[] { appended, result.GetValue(known) }.OfType<string>()]);
            if (appended is not null)
                AtomicFile.CheckWritable(path);
            using var loaded = ForecastModelFile.Load(ml, path);
            var columns = new SeriesColumns { Date = result.GetValue(SeriesArguments.Date), Value = result.GetValue(SeriesArguments.Value), Series = result.GetValue(SeriesArguments.Series), DecimalMarker = result.GetValue(SeriesArguments.DecimalMarker)![0] };
            // What came can be taken without a forecast, for which more has to be known.
            var appendsOnly = appended is not null && result.GetValue(known) is null && loaded.Forecaster.Columns.FutureCovariates.Count > 0;
            if (appendsOnly && ((Option[])[output, steps, confidence, series]).FirstOrDefault(option => result.GetResult(option) is not null) is { } asked)
                throw new UsageException($"{asked.Name} asks for a forecast, which needs {string.Join(", ", loaded.Forecaster.Columns.FutureCovariates.Select(name => $"'{name}'"))}, known in advance: give it by --known. Leave {asked.Name} out to append the rows alone.");
            var rows = appended is null ? 0 : loaded.Append(ml, appended, columns);
            var level = result.GetValue(confidence) ?? loaded.Forecaster.ConfidenceLevel;
            var forecasts = appendsOnly
                ? []
                : loaded.Forecast(ml, result.GetValue(steps), level, result.GetValue(known), columns, result.GetValue(series));
            if (file is not null)
                Save(loaded, forecasts, level, file);
            // Last, so that whatever is refused leaves the model as it was.
            if (appended is not null)
                loaded.Save(ml);
            Report(terminal, loaded, file, rows, level, forecasts);
        });
        return command;
    }

    private static void Save(ForecastModelFile model, IReadOnlyList<SeriesForecast> forecasts, double confidence, string file)
    {
        if (file.EndsWith(Table, StringComparison.OrdinalIgnoreCase))
            ForecastFile.Save(forecasts, file);
        else if (forecasts is [var forecast])
            new ForecastPicture(forecast, model.Engine.History(forecast.Series)) { ConfidenceLevel = confidence }.Draw().Save(file);
        else
            throw new UsageException($"A picture shows one series, and the model has {forecasts.Count}: {string.Join(", ", forecasts.Select(each => $"'{each.Series}'"))}. Choose one by --series.");
    }

    private static void Report(Terminal terminal, ForecastModelFile model, string? file, long rows, double confidence, IReadOnlyList<SeriesForecast> forecasts)
    {
        foreach (var forecast in forecasts)
            ForecastDisplay.Print(terminal, forecast, confidence);
        if (forecasts.Count > 0)
            ForecastDisplay.PrintMissingBounds(terminal, model.Forecaster, confidence);
        if (rows > 0)
            terminal.Line($"{rows:N0} rows appended; {model.Path} goes on from there.");
        if (file is not null)
            terminal.Line($"Written: {file}");
        terminal.Result(new
        {
            model = model.Path,
            appended = rows,
            output = file,
            confidence,
            forecasts = forecasts.Select(forecast => new
            {
                forecast.Series,
                dates = forecast.Dates?.Select(date => SeriesRows.Text(date, forecast.DateSuffix)),
                forecast.Values,
                lower = forecast.Lower.Select(Defined),
                upper = forecast.Upper.Select(Defined),
            }),
        });
    }

    /// <summary>A bound, or null for none.</summary>
    private static double? Defined(double value) => double.IsFinite(value) ? value : null;
}
