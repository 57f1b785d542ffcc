using System.CommandLine;
using Microsoft.ML;
using Sconce.Core.Storage;
using Sconce.Host.Display;
using Sconce.Pipelines;
using Sconce.Trainers;
using Sconce.Trainers.Forecasts;

namespace Sconce.Host.Commands;

/// <summary><c>sconce forecast MODEL</c>: the values that follow a model's series.</summary>
internal static class ForecastCommand
{
    private const string Table = ".csv";

    private static readonly Argument<string> _model = new("MODEL") { Description = "The zip of a forecasting model, made by 'sconce train forecast'." };
    private static readonly Option<string[]> _input = new("--input")
    {
        Description = "Files of rows that follow the model's history; the forecast starts after them. The model file does not change.",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string[]> _append = new("--append")
    {
        Description = "Like --input, and save the model with these rows in its history. The network is not retrained.",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string?> _known = new("--known") { Description = "A file of covariates known in advance, one row per step, for a model trained with --future-covariates." };
    private static readonly Option<int?> _steps = new("--steps")
    {
        Description = "Number of steps to forecast, at most 100,000. Default: the horizon of the model; further steps are forecast from earlier forecasts.",
    };

    private static readonly Option<double?> _confidence = new("--confidence") { Description = "The share of values that the bounds should contain, between 0 and 1. Default: as trained." };
    private static readonly Option<string?> _series = new("--series") { Description = "The series to forecast. Default: all of the model's series." };
    private static readonly Option<string> _output = new("--output", "-o") { Description = "The file to write: .csv for a table, .png for a chart with last year's values behind the forecast." };

    public static Command Create()
    {
        var command = new Command("forecast", "Forecast the values that follow a model's series, with bounds.")
        {
            _model, _input, _append, _known, _steps, _confidence, _series, _output, SeriesArguments.Date, SeriesArguments.Value, SeriesArguments.Series, InputArguments.DecimalMarker, InputArguments.Format,
        };
        command.Validators.Add(result =>
        {
            InputArguments.ValidateFormat(result, InputArguments.Format);
            if (result.GetResult(_input) is not null && result.GetResult(_append) is not null)
                result.AddError("--input cannot be combined with --append: one leaves the model as it is, the other saves it.");
        });
        command.SetAction(result =>
        {
            var terminal = Invocation.Terminal(result);
            var ml = new MLContext();
            var path = result.GetValue(_model)!;
            var appended = result.GetValue(_append) ?? [];
            string[] rows = [.. appended, .. result.GetValue(_input) ?? []];
            var known = result.GetValue(_known);
            var file = result.GetValue(_output) is null ? null : result.CheckOutput(_output, [Table, OutputArgument.Picture], [path, .. known is null ? Array.Empty<string>() : [known]], rows);
            if (appended.Length > 0)
                AtomicFile.CheckWritable(path);
            using var loaded = ForecastModelFile.Load(ml, path);
            var columns = SeriesArguments.Of(result);
            var appendsOnly = appended.Length > 0 && known is null && loaded.Forecaster.Columns.FutureCovariates.Count > 0;
            if (appendsOnly)
                RefuseForecast(result, loaded);
            var count = rows.Sum(each => loaded.Append(ml, each, columns));
            var level = result.GetValue(_confidence) ?? loaded.Forecaster.ConfidenceLevel;
            var forecasts = appendsOnly ? [] : loaded.Forecast(ml, result.GetValue(_steps), level, known, columns, result.GetValue(_series));
            if (file is not null)
                Save(loaded, forecasts, level, file);
            // Last, so that whatever is refused leaves the model as it was.
            if (appended.Length > 0)
                loaded.Save(ml);
            Report(terminal, loaded, file, appended.Length > 0 ? count : 0, level, forecasts);
        });
        return command;
    }

    /// <summary>Rows can be appended without a forecast, which needs to know the future covariates.</summary>
    private static void RefuseForecast(ParseResult result, ForecastModelFile model)
    {
        if (((Option[])[_output, _steps, _confidence, _series]).FirstOrDefault(option => result.GetResult(option) is not null) is { } asked)
        {
            throw new UsageException($"{asked.Name} asks for a forecast, which needs {string.Join(", ", model.Forecaster.Columns.FutureCovariates.Select(name => $"'{name}'"))}, known in advance. "
                + $"Pass them with --known, or leave out {asked.Name} to append the rows only.");
        }
    }

    private static void Save(ForecastModelFile model, IReadOnlyList<SeriesForecast> forecasts, double confidence, string file)
    {
        if (file.EndsWith(Table, StringComparison.OrdinalIgnoreCase))
            ForecastFile.Save(forecasts, file);
        else if (forecasts is [var forecast])
            new ForecastPicture(forecast, model.Engine.History(forecast.Series)) { ConfidenceLevel = confidence }.Save(file);
        else
            throw new UsageException($"A chart shows one series, and the model has {forecasts.Count}: {string.Join(", ", forecasts.Select(each => $"'{each.Series}'"))}. Choose one with --series.");
    }

    private static void Report(Terminal terminal, ForecastModelFile model, string? file, long rows, double confidence, IReadOnlyList<SeriesForecast> forecasts)
    {
        foreach (var forecast in forecasts)
            ForecastDisplay.Print(terminal, forecast, confidence);
        if (forecasts.Count > 0)
            ForecastDisplay.PrintMissingBounds(terminal, model.Forecaster, confidence);
        if (rows > 0)
            terminal.Line($"{rows:N0} rows appended to the history of {model.Path}.");
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
