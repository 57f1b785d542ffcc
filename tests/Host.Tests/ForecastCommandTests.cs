using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Sconce.Host.Commands;
using Sconce.Trainers;

namespace Sconce.Host.Tests;

/// <summary>From a CSV file to a model, its forecasts, and on with what came since: all through files.</summary>
public sealed class ForecastCommandTests(TrainedForecast trained) : IClassFixture<TrainedForecast>
{
    private static readonly string[] _shops = ["north", "south"];

    [Fact]
    public void The_table_has_the_peers_and_the_network_and_the_picture_is_drawn()
    {
        var results = trained.Result.GetProperty("results").EnumerateArray().ToList();
        Assert.Equal(["naive", "seasonal-naive 7", "Holt-Winters 7", "network"], results.Select(result => result.GetProperty("forecast").GetString()));
        Assert.All(results, result => Assert.InRange(result.GetProperty("coverage").GetDouble(), 0, 1));
        Assert.All(results, result => Assert.True(result.GetProperty("scaledError").GetDouble() > 0));
        Assert.Equal(6, trained.Result.GetProperty("origins").GetInt32());
        Assert.True(new FileInfo(trained.Result.GetProperty("picture").GetString()!).Length > 10_000);
        var text = Cli.Run("inspect", trained.Model).Output;
        Assert.Contains("Forecasts: column 'Value', 7 steps of 1 day from 14 rows", text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_output_that_a_folder_or_a_pattern_names_as_rows_is_refused()
    {
        var folder = Directory.CreateDirectory(trained.PathOf("own-input")).FullName;
        var rows = Path.Combine(folder, "rows.csv");
        File.WriteAllText(rows, "Date,Value\n2026-01-01,1\n");
        foreach (var named in (string[])[rows, folder, Path.Combine(folder, "*.csv")])
        {
            var run = Cli.Run("forecast", trained.Model, "--input", named, "--output", rows);
            Assert.Equal(2, run.ExitCode);
            Assert.Contains("which is also an input", run.Error, StringComparison.Ordinal);
        }

        Assert.Equal("Date,Value\n2026-01-01,1\n", File.ReadAllText(rows));
    }

    [Fact]
    public void A_saved_model_goes_on_where_its_data_end()
    {
        var forecast = Forecast("forecast", trained.Model);
        Assert.Equal(Enumerable.Range(TrainedForecast.Days, 7).Select(TrainedForecast.Date), Dates(forecast));
        Assert.All(Values(forecast, "values").Zip(Values(forecast, "lower"), Values(forecast, "upper")), step => Assert.InRange(step.First, step.Second, step.Third));

        var wide = Forecast("forecast", trained.Model, "--steps", "20", "--confidence", "0.5");
        Assert.Equal(20, Dates(wide).Count);
        Assert.Equal(Values(forecast, "values"), Values(wide, "values").Take(7));
        Assert.All(Width(wide).Zip(Width(forecast)), widths => Assert.True(widths.First <= widths.Second));
        var table = Cli.Run("forecast", trained.Model).Output;
        Assert.Contains(TrainedForecast.Date(TrainedForecast.Days), table, StringComparison.Ordinal);
        Assert.Contains("lower (90 %)", table, StringComparison.Ordinal);
        Assert.Equal(TrainedForecast.Date(TrainedForecast.Days - 1), trained.Result.GetProperty("standsAt").GetString());
        Assert.Contains("lower (87.5 %)", Cli.Run("forecast", trained.Model, "--confidence", "0.875").Output, StringComparison.Ordinal);
        // 138 windows were learned from, of which 14 told the bounds.
        var unbounded = Cli.Run("forecast", trained.Model, "--confidence", "0.95").Output;
        Assert.Contains("No 95 % bounds: they need 19 held-out windows", unbounded, StringComparison.Ordinal);
        Assert.DoesNotContain("lower (", unbounded, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_appended_one_after_another_or_all_at_once_leave_the_same_model()
    {
        var (once, twice) = (Copy("once.zip"), Copy("twice.zip"));
        const int From = TrainedForecast.Days;
        var whole = Forecast("forecast", once, "--append", trained.Write("whole.csv", From, 5));
        Forecast("forecast", twice, "--append", trained.Write("first.csv", From, 2));
        Forecast("forecast", twice, "--append", trained.Write("rest.csv", From + 2, 3));
        var after = Forecast("forecast", twice);
        Assert.Equal(TrainedForecast.Date(From + 5), Dates(whole)[0]);
        Assert.Equal(Dates(whole), Dates(after));
        Assert.Equal(Values(whole, "values"), Values(after, "values"));
        Assert.Equal(Values(whole, "values"), Values(Forecast("forecast", once), "values"));
        Assert.NotEqual(Values(whole, "values"), Values(Forecast("forecast", trained.Model), "values"));
    }

    [Fact]
    public void Forecasts_are_written_as_a_table_and_as_a_picture()
    {
        var (csv, png) = (trained.PathOf("next.csv"), trained.PathOf("next.png"));
        var forecast = Forecast("forecast", trained.Model, "--output", csv);
        var lines = File.ReadAllLines(csv);
        Assert.Equal("date,forecast,lower,upper", lines[0]);
        Assert.Equal(Dates(forecast), lines.Skip(1).Select(line => line.Split(',')[0]));
        Assert.Equal(Values(forecast, "values"), lines.Skip(1).Select(line => float.Parse(line.Split(',')[1], CultureInfo.InvariantCulture)));
        Forecast("forecast", trained.Model, "-o", png);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(png)[..4]);
    }

    [Fact]
    public void What_does_not_follow_is_refused_and_the_model_stays_as_it_was()
    {
        var model = Copy("kept.zip");
        var before = File.ReadAllBytes(model);
        const int From = TrainedForecast.Days;
        Refuse(1, ["forecast", model, "--append", trained.Write("gap.csv", From + 1, 3)], "gap.csv", TrainedForecast.Date(From), "is expected");
        Refuse(1, ["forecast", model, "--append", trained.Write("again.csv", From - 1, 3)], "again.csv", TrainedForecast.Date(From - 1));
        Refuse(1, ["forecast", model, "--append", trained.Write("missing.csv", From, 3, missing: 1)], "missing.csv", "lacks its value");
        Refuse(1, ["forecast", model, "--append", trained.PathOf("none.csv")], "no input file");
        Refuse(2, ["forecast", model, "--steps", "0", "--append", trained.Write("good.csv", From, 3)], "has to be at least 1");
        Refuse(2, ["forecast", model, "--steps", "2147483647", "--append", trained.Write("good.csv", From, 3)], "has to be at most 100000");
        Refuse(2, ["forecast", model, "--confidence", "1"], "between 0 and 1");
        Refuse(2, ["forecast", model, "--output", trained.PathOf("next.txt")], ".csv, .png");
        Refuse(2, ["forecast", model, "--output", trained.PathOf("own.csv"), "--append", trained.PathOf("own.csv")], "overwritten");
        Refuse(1, ["forecast", model, "--series", "north"], "no series 'north'");
        // All was well but the saving at the end.
        using (new FileStream($"{model}.lock", FileMode.Create, FileAccess.ReadWrite, FileShare.None))
            Refuse(1, ["forecast", model, "--append", trained.Write("good.csv", From, 3)], "Another process is saving");
        File.Delete($"{model}.lock");
        Assert.Equal(before, File.ReadAllBytes(model));
    }

    /// <summary>Each row is given the forecast that is made after it; the last one's is that of the model itself.</summary>
    [Fact]
    public void Files_of_series_are_scored_row_by_row()
    {
        var (series, scores) = (trained.Write("scored.csv", 0, TrainedForecast.Days), trained.PathOf("scores.csv"));
        var scored = Cli.Run("score", trained.Model, series, "--output", scores, "--keep", "date", "--columns", "Forecast", "--batch-size", "50");
        Assert.Equal((0, ""), (scored.ExitCode, scored.Error));
        var lines = File.ReadAllLines(scores);
        Assert.Equal("date,Forecast.0,Forecast.1,Forecast.2,Forecast.3,Forecast.4,Forecast.5,Forecast.6", lines[0]);
        var rows = lines.Skip(1).Select(line => line.Split(',')).ToList();
        Assert.Equal(Enumerable.Range(0, TrainedForecast.Days).Select(TrainedForecast.Date), rows.Select(row => row[0]));
        var forecasts = rows.Select(row => row.Skip(1).Select(value => float.Parse(value, CultureInfo.InvariantCulture)).ToList()).ToList();
        // A window of 14 rows has to be full.
        Assert.All(forecasts.Take(13).SelectMany(row => row), value => Assert.True(float.IsNaN(value)));
        Assert.All(forecasts.Skip(13).SelectMany(row => row), value => Assert.True(float.IsFinite(value)));
        Assert.Equal(Values(Forecast("forecast", trained.Model), "values"), forecasts[^1]);
        File.AppendAllText(series, File.ReadLines(series).Last() + "\n");
        Refuse(1, ["score", trained.Model, series, "--output", scores, "--force"], TrainedForecast.Date(TrainedForecast.Days - 1));
    }

    [Fact]
    public void A_model_goes_on_learning_and_another_network_s_is_refused()
    {
        var output = trained.PathOf("learned-on.zip");
        string[] command =
        [
            "train", "forecast", "--input", trained.Write("from.csv", 0, TrainedForecast.Days), "--held-out", "0", "--confidence", "0.9", "--window", "14", "--horizon", "7", "--hidden-size", "4",
            "--from", trained.Model, "--output", output,
        ];
        // So small a step moves no weight.
        var still = Cli.Run([.. command, "--steps", "1", "--optimizer", "sgd", "--learning-rate", "1e-30"]);
        Assert.Equal((0, ""), (still.ExitCode, still.Error));
        Assert.Equal(Values(Forecast("forecast", trained.Model), "values"), Values(Forecast("forecast", output), "values"));
        var learned = Cli.Run([.. command, "--steps", "20"]);
        Assert.Equal((0, ""), (learned.ExitCode, learned.Error));
        Assert.NotEqual(Values(Forecast("forecast", trained.Model), "values"), Values(Forecast("forecast", output), "values"));
        Refuse(2, [.. command, "--season", "3", "--steps", "1", "--mode", "Direct"], "--from is another network");
        Refuse(2, ["train", "softmax", "--steps", "1", "--from", trained.Model, "--output", trained.PathOf("unused.zip")], "--from was trained on a feature column");
    }

    /// <summary>Both trainings of a run are resumed, from where each was left.</summary>
    [Fact]
    public void A_run_goes_on_in_whichever_training_it_was_left()
    {
        var (run, output) = (trained.PathOf("run"), trained.PathOf("run.zip"));
        string[] command =
        [
            "train", "forecast", "--input", trained.Write("run.csv", 0, TrainedForecast.Days), "--held-out", "0", "--confidence", "0.9", "--window", "14", "--horizon", "7", "--hidden-size", "4",
            "--steps", "6", "--run", run, "--checkpoint-every", "2", "--output", output,
        ];
        Assert.Equal((0, ""), (Cli.Run(command).ExitCode, Cli.Run(command).Error));
        var whole = Values(Forecast("forecast", output), "values");
        DeleteNewest(run);
        AssertResumed("resumes after step 6", "resumes after step 4");
        DeleteNewest(Path.Combine(run, "bounds"));
        Directory.Delete(Path.Combine(run, "checkpoints"), recursive: true);
        AssertResumed("resumes after step 4");

        void AssertResumed(params string[] lines)
        {
            var resumed = Cli.Run([.. command, "--resume"]);
            Assert.Equal((0, ""), (resumed.ExitCode, resumed.Error));
            Assert.All(lines, line => Assert.Contains(line, resumed.Output, StringComparison.Ordinal));
            Assert.Equal(whole, Values(Forecast("forecast", output), "values"));
        }

        static void DeleteNewest(string run) => File.Delete(Directory.GetFiles(Path.Combine(run, "checkpoints")).Order(StringComparer.Ordinal).Last());
    }

    [Fact]
    public void Series_that_cannot_be_learned_from_are_refused()
    {
        var output = trained.PathOf("unused.zip");
        string[] Train(string file, params string[] more) => ["train", "forecast", "--input", file, "--window", "14", "--horizon", "7", "--epochs", "1", "--hidden-size", "2", "--output", output, .. more];
        Refuse(1, Train(trained.Write("short.csv", 0, 25)), "has 25 rows, of which 18 are left when the last 7 are held out", "window of 14");
        Refuse(1, Train(trained.Write("holes.csv", 0, 100, missing: 5)), "holes.csv", "Row 5", "lacks its value");
        // In the end that is held out, before anything is learned.
        Refuse(1, Train(trained.Write("late.csv", 0, 100, missing: 99)), "late.csv", "Row 99", "lacks its value");
        File.WriteAllLines(trained.PathOf("gap.csv"), File.ReadLines(trained.Write("day.csv", 0, 100)).Where((_, line) => line != 96));
        Refuse(1, Train(trained.PathOf("gap.csv")), "gap.csv", $"{TrainedForecast.Date(95)} is expected");
        Refuse(2, Train(trained.Write("day.csv", 0, 100), "--held-out", "6"), "--held-out is 6", "7");
        Refuse(1, Train(trained.Write("day.csv", 0, 100), "--held-out", "100"), "100 rows, of which 0 are left");
        Refuse(1, Train(trained.Write("day.csv", 0, 100), "--holidays", trained.PathOf("none.csv")), "no holiday file", "UnitedStates");
        Refuse(1, Train(trained.Write("day.csv", 0, 100), "--known-covariates", "price"), "no column 'price'");
        Refuse(2, ["train", "forecast", "--value-column", "births", "--output", output], "--value-column names a column of a file");
        Refuse(2, ["train", "forecast", "--mode", "Best"], "Best");
        Assert.False(File.Exists(output));

        var filled = Cli.Run([.. Train(trained.Write("holes.csv", 0, 100, missing: 5), "--missing", "linear", "--holidays", "unitedstates")]);
        Assert.Equal(("", 0), (filled.Error, filled.ExitCode));
        Assert.Contains("20 rows", filled.Output, StringComparison.Ordinal);
        Assert.Contains("holidays: UnitedStates", Cli.Run("inspect", output).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_measured_is_said_in_words_and_null()
    {
        var (data, model) = (trained.PathOf("constant.csv"), trained.PathOf("constant.zip"));
        File.WriteAllLines(data, ["date,value", .. Enumerable.Range(0, 60).Select(day => $"{TrainedForecast.Date(day)},0")]);
        string[] command = ["train", "forecast", "--input", data, "--window", "14", "--horizon", "7", "--steps", "1", "--hidden-size", "2", "--minimum", "0", "--output", model];
        var result = Forecast(command);
        Assert.Equal(JsonValueKind.Null, result.GetProperty("change").ValueKind);
        Assert.All(result.GetProperty("results").EnumerateArray(), line => Assert.Equal(JsonValueKind.Null, line.GetProperty("scaledError").ValueKind));
        Assert.Equal("is constant", result.GetProperty("notScaled")[0].GetProperty("reason").GetString());
        Assert.All(First(Forecast("forecast", model)).GetProperty("lower").EnumerateArray(), bound => Assert.Equal(JsonValueKind.Null, bound.ValueKind));
        Assert.All(Values(Forecast("forecast", model), "values"), value => Assert.InRange(value, 0, 1));
        var text = Cli.Run(command).Output;
        Assert.Contains("MASE is not defined: the series is constant", text, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Infinity", text, StringComparison.Ordinal);
        Assert.Contains("Limits: at least 0", Cli.Run("inspect", model).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void With_nothing_held_out_all_is_learned_from()
    {
        var model = trained.PathOf("whole.zip");
        var result = Forecast("train", "forecast", "--input", trained.Write("day.csv", 0, 100), "--held-out", "0", "--window", "14", "--horizon", "7", "--epochs", "1", "--hidden-size", "2", "--output", model);
        Assert.Equal((0, 0, 80), (result.GetProperty("results").GetArrayLength(), result.GetProperty("origins").GetInt32(), result.GetProperty("trainingRows").GetInt32()));
        Assert.Equal(TrainedForecast.Date(99), result.GetProperty("standsAt").GetString());
        Assert.Equal(TrainedForecast.Date(100), Dates(Forecast("forecast", model))[0]);
        Assert.False(File.Exists(trained.PathOf("out/whole.png")));
    }

    [Fact]
    public void A_training_that_diverges_says_which_and_what_was_good_is_saved_beside()
    {
        var (path, saved) = (trained.PathOf("diverged.zip"), trained.PathOf("diverged.last-good.zip"));
        Refuse(1, ["train", "forecast", "--input", trained.Write("day.csv", 0, 100), "--learning-rate", "1e30", "--window", "14", "--horizon", "7", "--output", path], "the training diverged", "the first of two trainings");
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(path)!, "diverged*"));

        var ml = new MLContext(seed: 1);
        var options = new RecurrentForecast.Options { WindowSize = 14, Horizon = 7, DateColumnName = "Date", LearningRate = 1e-3, Network = new() { Layers = new() { HiddenSize = 4 } }, Callbacks = [new RunAway()] };
        var refused = Assert.Throws<InvalidOperationException>(() => Trained.FitOrKeepGood(ml, ml.Forecasting.ForecastByRecurrentNetwork(options), ml.Data.LoadSeries(trained.Write("day.csv", 0, 100)), path));
        Assert.Contains("the second of two trainings", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"was saved as '{saved}'", refused.Message, StringComparison.Ordinal);
        Assert.Equal(TrainedForecast.Date(100), Dates(Forecast("forecast", saved))[0]);
    }

    [Fact]
    public void Several_files_are_one_history()
    {
        var output = trained.PathOf("two-files.zip");
        var run = Cli.Run(
            "train", "forecast", "--input", trained.Write("first.csv", 0, 60), trained.Write("second.csv", 60, 40),
            "--window", "14", "--horizon", "7", "--hidden-size", "4", "--steps", "2", "--held-out", "0", "--output", output, "--json");
        Assert.Equal(("", 0), (run.Error, run.ExitCode));
        Assert.Equal(TrainedForecast.Date(99), JsonDocument.Parse(run.Output).RootElement.GetProperty("standsAt").GetString());
    }

    [Fact]
    public void Several_series_with_covariates_go_the_same_way()
    {
        var (model, data, known) = (trained.PathOf("shops.zip"), trained.PathOf("shops.csv"), trained.PathOf("known.csv"));
        string Rows(int from, int days, bool values) => string.Concat(Enumerable.Range(from, days).SelectMany(day => _shops.Select((shop, i) =>
            $"{TrainedForecast.Date(day)},{shop},{(day + i) % 4}{(values ? FormattableString.Invariant($",{TrainedForecast.Value(day) * (i + 1)},{day % 5}") : "")}\n")));
        const string Header = "day,shop,price";
        File.WriteAllText(data, $"{Header},sold,rain\n{Rows(0, 120, true)}");
        File.WriteAllText(known, $"{Header}\n{Rows(120, 7, false)}");
        File.WriteAllText(trained.PathOf("fairs.csv"), "date,name\n2024-02-02,fair\n2024-03-08,fair\n");
        string[] columns = ["--date-column", "day", "--series-column", "shop"];
        var training = Cli.Run(["train", "forecast", "--input", data, "--value-column", "sold", "--past-covariates", "rain", "--future-covariates", "price", "--held-out", "20", "--mode", "Direct", "--cell", "Lstm", "--holidays", trained.PathOf("fairs.csv"),
            "--window", "14", "--horizon", "7", "--epochs", "1", "--hidden-size", "3", "--output", model, .. columns]);
        Assert.Equal(("", 0), (training.Error, training.ExitCode));

        Assert.Contains("No 95 % bounds: they need 19 held-out windows, and the model has 16", training.Output, StringComparison.Ordinal);
        Assert.Contains($"stands at {TrainedForecast.Date(119)}, the end of the data", training.Output, StringComparison.Ordinal);

        Refuse(1, ["forecast", model], "'price', whose future values");
        var forecast = Forecast(["forecast", model, "--known", known, .. columns]);
        Assert.Equal(_shops, forecast.GetProperty("forecasts").EnumerateArray().Select(series => series.GetProperty("series").GetString()));
        Refuse(2, ["forecast", model, "--known", known, "--output", trained.PathOf("shops.png"), .. columns], "'north', 'south'", "--series");
        Forecast(["forecast", model, "--known", known, "--output", trained.PathOf("shops.png"), "--series", "south", .. columns]);

        Refuse(2, ["forecast", model, "--append", data, "--output", trained.PathOf("never.csv"), "--value-column", "sold", .. columns], "--output asks for a forecast", "'price'", "--known");
        Refuse(2, ["forecast", model, "--append", data, "--steps", "3", "--value-column", "sold", .. columns], "--steps asks for a forecast");
        Assert.False(File.Exists(trained.PathOf("never.csv")));

        // What came is taken even where nothing is known of the future.
        var next = trained.PathOf("next-shops.csv");
        File.WriteAllText(next, $"{Header},sold,rain\n{Rows(120, 3, true)}");
        Assert.Empty(Forecast(["forecast", model, "--append", next, "--value-column", "sold", .. columns]).GetProperty("forecasts").EnumerateArray());
        Refuse(1, ["forecast", model, "--known", known, .. columns], $"{TrainedForecast.Date(123)} is expected");
        var inspected = Cli.Run("inspect", model).Output;
        foreach (var part in (string[])["rain, price (known in advance)", "holidays: fairs", "Series: north, south", "RecurrentForecast"])
            Assert.Contains(part, inspected, StringComparison.Ordinal);
    }

    private sealed class RunAway : TrainingCallback
    {
        public override void StepEnded(TrainingProgress progress, TrainingSession session)
        {
            if (session.Step == 10)
                session.LearningRateFactor = 1e30;
        }
    }

    private string Copy(string name)
    {
        File.Copy(trained.Model, trained.PathOf(name), overwrite: true);
        return trained.PathOf(name);
    }

    private static JsonElement Forecast(params string[] command)
    {
        var run = Cli.Run([.. command, "--json"]);
        Assert.Equal(("", 0), (run.Error, run.ExitCode));
        return JsonDocument.Parse(run.Output).RootElement;
    }

    private static JsonElement First(JsonElement result) => result.GetProperty("forecasts")[0];

    private static List<string> Dates(JsonElement result) => [.. First(result).GetProperty("dates").EnumerateArray().Select(date => date.GetString()!)];

    private static List<float> Values(JsonElement result, string name) => [.. First(result).GetProperty(name).EnumerateArray().Select(value => value.GetSingle())];

    private static IEnumerable<float> Width(JsonElement result) => Values(result, "upper").Zip(Values(result, "lower"), (upper, lower) => upper - lower);

    private static void Refuse(int exitCode, string[] command, params string[] parts)
    {
        var run = Cli.Run(command);
        foreach (var part in parts)
            Assert.Contains(part, run.Error, StringComparison.Ordinal);
        Assert.Equal(exitCode, run.ExitCode);
    }
}

/// <summary>A model of one short series, trained once from a CSV file, and the files around it.</summary>
public sealed class TrainedForecast : IDisposable
{
    public const int Days = 200;

    private const int HeldOut = 42;

    private readonly string _folder = Directory.CreateTempSubdirectory("sconce-tests-").FullName;

    public TrainedForecast()
    {
        Model = PathOf("small.zip");
        var run = Cli.Run(
            "train", "forecast", "--input", Write("all.csv", 0, Days), "--held-out", $"{HeldOut}", "--confidence", "0.9", "--window", "14", "--horizon", "7", "--epochs", "2", "--hidden-size", "4", "--output", Model, "--json");
        Assert.Equal(("", 0), (run.Error, run.ExitCode));
        Result = JsonDocument.Parse(run.Output).RootElement;
    }

    public string Model { get; }

    public JsonElement Result { get; }

    public static string Date(int day) => new DateTime(2024, 1, 1).AddDays(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static float Value(int day) => (float)(100 + 20 * (day % 7 / 5) + 10 * Math.Sin(day / 20.0) + 3 * Math.Sin(day * day));

    public string PathOf(string name) => Path.Combine(_folder, name);

    /// <summary>Writes some days of the series; the row <paramref name="missing"/> lacks its value.</summary>
    public string Write(string name, int from, int days, int? missing = null)
    {
        File.WriteAllLines(PathOf(name), ["date,value", .. Enumerable.Range(0, days).Select(row => FormattableString.Invariant($"{Date(from + row)},{(row == missing ? "" : Value(from + row))}"))]);
        return PathOf(name);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
