using System.CommandLine;
using System.Diagnostics;
using Microsoft.ML;
using Sconce.Core.Storage;
using Sconce.Host.Display;
using Sconce.Pipelines;
using Sconce.Pipelines.Forecasts;
using Sconce.Trainers;
using Sconce.Trainers.Forecasts;

namespace Sconce.Host.Commands;

/// <summary><c>sconce train forecast</c>: a recurrent network that forecasts series, measured on their held-out end beside forecasts without a network.</summary>
internal static class TrainForecastCommand
{
    private const string Name = "forecast";
    private const int HeldOut = 365;
    private const int LeastYears = 4;
    private const int HeldOutPart = 5;

    private static readonly RecurrentForecast.Options _recipe = new();
    private static readonly Option<string[]> _input = new("--input")
    {
        Description = "Files, folders, and patterns such as 'days/*.csv' with one row per date: CSV with a header, TSV, JSON Lines, Parquet, or Arrow; "
            + "their rows follow one another. Default: US births from 1994 to 2003, which are built in.",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string[]> _past = new("--past-covariates") { Description = "Additional numeric columns, known up to the present.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string[]> _known = new("--future-covariates") { Description = "Additional numeric columns, also known for the future.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<int> _window = new("--window") { Description = "The window size: the number of past rows that a forecast is made from.", DefaultValueFactory = _ => _recipe.WindowSize };
    private static readonly Option<int> _horizon = new("--horizon") { Description = "The number of rows to forecast at a time.", DefaultValueFactory = _ => _recipe.Horizon };
    private static readonly Option<int> _season = new("--season")
    {
        Description = "The season length in rows: the network predicts the change from the value one season earlier. 1: no season.",
        DefaultValueFactory = _ => _recipe.Network.SeasonLength ?? 1,
    };

    private static readonly Option<Word<RecurrentCell>> _cell = new Option<Word<RecurrentCell>>("--cell") { Description = "The recurrent cell.", DefaultValueFactory = _ => _recipe.Network.Layers.Cell }.AcceptNames();
    private static readonly Option<int> _hidden = new("--hidden-size") { Description = "The hidden size: units per layer.", DefaultValueFactory = _ => _recipe.Network.Layers.HiddenSize };
    private static readonly Option<Word<ForecastMode>> _mode = new Option<Word<ForecastMode>>("--mode")
    {
        Description = "The forecasting mode: encoder-decoder (a decoder continues from the encoder's state), direct (separate weights for each step), or recursive (each step reads the forecast before it).",
        DefaultValueFactory = _ => _recipe.Network.Mode,
    }.AcceptNames();

    private static readonly Option<string?> _holidays = new("--holidays")
    {
        Description = $"The holiday calendar: us (or {HolidayCalendar.UnitedStates.Name}), none, or a CSV file of dates and names. Default: us for the built-in births, otherwise none.",
    };

    private static readonly Option<Word<MissingValues>> _missing = new Option<Word<MissingValues>>("--missing")
    {
        Description = "How to handle missing values: refuse, previous (repeat the previous value), or linear (interpolate).",
        DefaultValueFactory = _ => _recipe.MissingValues,
    }.AcceptNames();

    private static readonly Option<double?> _minimum = new("--minimum") { Description = "The lower limit of forecasts and bounds, such as 0 for counts. Default: none." };
    private static readonly Option<double?> _maximum = new("--maximum") { Description = "The upper limit of forecasts and bounds. Default: none." };
    private static readonly Option<double> _confidence = new("--confidence") { Description = "The fraction of values that the bounds should contain, between 0 and 1.", DefaultValueFactory = _ => _recipe.ConfidenceLevel };
    private static readonly Option<int?> _heldOut = new("--held-out")
    {
        Description = "The number of rows at the end of each series that are held out to measure the forecasts, then appended to the model. "
            + "0: train on all rows and measure nothing. Default: 365, or a fifth of a series that is shorter than four times that.",
    };

    public static Command Create()
    {
        var command = TrainingArguments.CreateCommand(
            Name, "A recurrent network that forecasts series, with bounds.",
            _input, SeriesArguments.Date, SeriesArguments.Value, SeriesArguments.Series, InputArguments.DecimalMarker, InputArguments.Format, _past, _known, _window, _horizon, _season, _cell, _hidden, _mode, _holidays, _missing, _minimum, _maximum, _confidence, _heldOut);
        command.SetAction(result =>
        {
            var terminal = Invocation.Terminal(result);
            var ml = new MLContext(result.GetValue(TrainingArguments.Seed));
            var path = result.GetValue(TrainingArguments.Output) ?? Path.Combine("models", $"{Name}.zip");
            var picture = Path.Combine(Path.GetDirectoryName(path) ?? "", "out", $"{Path.GetFileNameWithoutExtension(path)}.png");
            foreach (var file in result.GetValue(_heldOut) == 0 ? [path] : (string[])[path, picture])
                AtomicFile.CheckWritable(file);

            var options = Configure(result);
            var data = Load(ml, result, options);
            // Taken here, because waiting for a pipe may block until a signal.
            var cancellation = Invocation.Cancellation(result);
            options = options with { CancellationToken = cancellation };
            var heldOut = HeldOutRows(ml, result, data, options);
            var filled = CheckData(result, options, data, heldOut);
            if (filled.Count > 0)
                terminal.Line($"{filled} They are not measured.");
            var train = ml.Data.DropLastRows(data, heldOut, options.SeriesColumnName);
            terminal.Follow(ml);
            var clock = Stopwatch.StartNew();
            using (var fitted = TrainingDisplay.Run(terminal, Name, result.GetValue(TrainingArguments.ReportEvery), progress =>
                Trained.FitOrKeepGood(ml, ml.Forecasting.ForecastByRecurrentNetwork(options with { Progress = progress }), train, path)))
                ml.Model.SaveAtomically(fitted, train.Schema, path);
            // All of it: the network is trained once to find the bounds, and once more.
            var seconds = clock.Elapsed.TotalSeconds;

            // Only the file is carried over.
            using var model = ForecastModelFile.Load(new MLContext(), path);
            var comparison = heldOut == 0 ? null : ForecastComparison.Run(model.Forecaster, data, heldOut, ForecastComparison.SeasonOf(model.Forecaster));
            cancellation.ThrowIfCancellationRequested();
            if (comparison is not null)
            {
                var drawn = comparison.Origins.Last(origin => origin.Forecast.Series == comparison.Origins[0].Forecast.Series);
                (comparison.Picture(drawn) with { ValueName = ValueName(result) }).Draw().Save(picture);
                // Forecasts are to follow all of the data.
                model.Engine.Update(ml.Data.TakeLastRows(data, heldOut, options.SeriesColumnName));
                model.Save(ml);
            }

            Report(terminal, model, comparison, comparison is null ? null : picture, heldOut, filled, seconds);
        });
        return command;
    }

    private static RecurrentForecast.Options Configure(ParseResult result)
    {
        var season = result.GetValue(_season);
        return result.Configure(_recipe with
        {
            WindowSize = result.GetValue(_window),
            Horizon = result.GetValue(_horizon),
            DateColumnName = "Date",
            SeriesColumnName = result.GetValue(SeriesArguments.Series) is null ? null : "Series",
            PastCovariates = result.GetValue(_past) ?? [],
            FutureCovariates = result.GetValue(_known) ?? [],
            Calendar = _recipe.Calendar with { Holidays = Holidays(result) },
            MissingValues = result.GetValue(_missing),
            Minimum = result.GetValue(_minimum),
            Maximum = result.GetValue(_maximum),
            ConfidenceLevel = result.GetValue(_confidence),
            Network = _recipe.Network with
            {
                Layers = _recipe.Network.Layers with { Cell = result.GetValue(_cell), HiddenSize = result.GetValue(_hidden) },
                Mode = result.GetValue(_mode),
                SeasonLength = season == 1 ? null : season,
            },
        }, default);
    }

    private static HolidayCalendar? Holidays(ParseResult result) => (result.GetValue(_holidays) ?? (result.GetValue(_input) is { Length: > 0 } ? "none" : "us")) switch
    {
        "none" => null,
        "us" => HolidayCalendar.UnitedStates,
        var name when HolidayCalendar.All.Any(calendar => calendar.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) => HolidayCalendar.Named(name),
        var file when File.Exists(file) => HolidayCalendar.FromFile(file),
        var other => throw new FileNotFoundException($"There is no holiday file '{other}', nor a calendar of that name; there is {string.Join(", ", HolidayCalendar.All.Select(calendar => calendar.Name))}."),
    };

    private static IDataView Load(MLContext ml, ParseResult result, RecurrentForecast.Options options)
    {
        if (result.GetValue(_input) is { Length: > 0 } inputs)
            return ml.Data.LoadSeries(inputs, SeriesArguments.Of(result) with { Covariates = [.. options.PastCovariates, .. options.FutureCovariates] });
        if (((Option[])[SeriesArguments.Date, SeriesArguments.Value, SeriesArguments.Series, _past, _known]).FirstOrDefault(option => result.GetResult(option) is not null) is { } column)
            throw new UsageException($"{column.Name} names a column of a file. Pass the file with --input; without it, the embedded births are used.");
        return ml.Data.LoadBirths();
    }

    /// <summary>A gap in the held-out end must not come to light after the training.</summary>
    private static FilledValues CheckData(ParseResult result, RecurrentForecast.Options options, IDataView data, int heldOut)
    {
        try
        {
            return ForecastComparison.CheckData(options, data, heldOut);
        }
        catch (InvalidDataException exception) when (result.GetValue(_input) is { Length: > 0 } inputs)
        {
            var file = string.Join(", ", inputs);
            throw (ErrorFacts.Of(exception) with { File = file }).Put(new InvalidDataException($"'{file}': {exception.Message}", exception));
        }
    }

    private static int HeldOutRows(MLContext ml, ParseResult result, IDataView data, RecurrentForecast.Options options)
    {
        var shortest = ml.Data.SeriesLengths(data, options.SeriesColumnName).MinBy(series => series.Value);
        var heldOut = result.GetValue(_heldOut) ?? (shortest.Value >= LeastYears * HeldOut ? HeldOut : Math.Max(shortest.Value / HeldOutPart, options.Horizon));
        return heldOut == 0 || heldOut >= options.Horizon ? heldOut : throw new UsageException($"--held-out is {heldOut}; it has to be at least the horizon, {options.Horizon}, or 0 to train on all rows and measure nothing.");
    }

    private static string ValueName(ParseResult result) => result.GetValue(_input) is { Length: > 0 } inputs
        ? result.GetValue(SeriesArguments.Value) ?? (inputs is [var input] && File.Exists(input) ? Path.GetFileNameWithoutExtension(input) : SeriesFile.Value)
        : "US births per day";

    private static void Report(Terminal terminal, ForecastModelFile model, ForecastComparison? comparison, string? picture, int heldOut, FilledValues filled, double seconds)
    {
        var training = model.Forecaster.Model.Training;
        var trained = $"{training.Rows:N0} windows, trained in {seconds:F1} s; saved as {model.Path}";
        var stands = model.LastDate is { } last ? SeriesRows.Text(last, model.Forecaster.Forecaster.Definition.Zone?.ToString()) : null;
        if (comparison is not null)
            ForecastDisplay.Print(terminal, comparison);
        ForecastDisplay.PrintMissingBounds(terminal, model.Forecaster, model.Forecaster.ConfidenceLevel);
        terminal.Line(comparison is null ? $"{Name}: nothing was held out, so nothing was measured; {trained}"
            : $"{Name}: mean absolute error {Compared(comparison)}, {comparison.Origins.Count} origins in the last {heldOut} rows, {model.Forecaster.Horizon} steps each; {trained}");
        terminal.Line($"The model stands at {(stands is null ? "" : $"{stands}, ")}the end of the data{(heldOut == 0 ? ", all of which it was trained on" : $"; its weights were trained without the last {heldOut} rows (--held-out 0 trains on all)")}."
            + $" 'sconce forecast {model.Path}' continues from there; --append adds later rows.{(picture is null ? "" : $" The last measured origin is in {picture}")}");
        terminal.Result(new
        {
            model = model.Path,
            standsAt = stands,
            results = comparison?.Results.Select(result => new
            {
                forecast = result.Method,
                meanAbsoluteError = result.Errors.MeanAbsolute,
                rootMeanSquaredError = result.Errors.RootMeanSquared,
                symmetricPercentageError = result.Errors.SymmetricPercentage,
                scaledError = double.IsFinite(result.Errors.Scaled) ? result.Errors.Scaled : (double?)null,
                coverage = result.Interval?.Coverage,
                width = result.Interval?.Width,
            }) ?? [],
            change = comparison?.Change,
            notScaled = comparison?.Unscaled.Select(series => new { series = series.Name, reason = series.Reason }) ?? [],
            filledValues = new { all = filled.Count, atEnd = filled.AtEnd, closedDays = filled.ClosedDays },
            confidenceLevel = model.Forecaster.ConfidenceLevel,
            origins = comparison?.Origins.Count ?? 0,
            heldOut,
            picture,
            trainingSeconds = seconds,
            trainingSteps = training.Steps,
            trainingRows = training.Rows,
            seed = training.Seed,
        });
    }

    private static string Compared(ForecastComparison comparison) => comparison.Change is { } change
        ? $"{Math.Abs(change):P1} {(change < 0 ? "below" : "above")} {comparison.Baseline.Method}"
        : $"{ForecastDisplay.Number(comparison.Network.Errors.MeanAbsolute)}, and {comparison.Baseline.Method} has no error";
}
