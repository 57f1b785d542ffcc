using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers.Forecasts;

namespace Sconce.Trainers.Tests.Forecasting;

/// <summary>Series, columns and options that make no sense, each refused in a sentence.</summary>
public class RefusalTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly RecurrentForecast.Options _options = DailySeries.Quick;

    [Fact]
    public void Gaps_duplicates_and_disorder_are_named()
    {
        Refused(rows => rows.RemoveAt(30), "Row 30 (2001-02-01)", "after 2001-01-30", "2001-01-31 is expected", "1 day", "Add the missing rows");
        Refused(rows => rows.Insert(30, rows[30]), "Row 31 (2001-01-31)", "like the row before it", "Remove one of them");
        Refused(rows => rows.Reverse(30, 2), "Row 31 (2001-01-31)", "after 2001-02-01", "Sort them by 'Date'");
        Refused(rows => rows[30].Date = "31.1.2001", "Row 30", "'31.1.2001'", "'Date'", "2003-12-31");
    }

    [Fact]
    public void A_series_is_named_where_there_are_several()
    {
        var rows = DailySeries.Create(100, series: "a").Concat(DailySeries.Create(100, series: "b")).ToList();
        rows.RemoveAt(130);
        Sentence.Has(Refused<InvalidDataException>(_options with { SeriesColumnName = "Series" }, rows), "Row 130 of series 'b' (2001-02-01)", "2001-01-31 is expected");
        Sentence.Has(Refused<InvalidDataException>(_options with { SeriesColumnName = "Series" }, DailySeries.Create(100, series: "a").Concat(DailySeries.Create(9, series: "b"))), "'b' has 9 rows", "at least 21");
    }

    [Fact]
    public void Missing_values_are_refused_or_filled_as_the_options_say()
    {
        Refused(rows => rows[40].Value = float.NaN, "Row 40 (2001-02-10)", "'Value'", "MissingValues.Previous", "Linear");
        Refused(rows => rows[40].Value = float.PositiveInfinity, "Row 40", "'Value'", "a finite number is expected");
        Sentence.Has(Refused<InvalidDataException>(_options with { MissingValues = MissingValues.Linear }, Change(rows => rows[0].Value = float.NaN)), "Row 0", "none before it");

        AssertFilled(MissingValues.Previous, rows => rows[40].Value, rows => rows[40].Value, rows => rows[98].Value);
        AssertFilled(MissingValues.Linear, rows => rows[40].Value + (rows[43].Value - rows[40].Value) / 3, rows => rows[40].Value + 2 * (rows[43].Value - rows[40].Value) / 3, rows => rows[98].Value);
    }

    [Fact]
    public void A_series_that_is_too_short_is_refused()
    {
        Sentence.Has(Refused<InvalidDataException>(_options, DailySeries.Create(20)), "20 rows", "window of 14", "horizon of 7", "at least 21", "Give a longer series");
        Sentence.Has(Refused<InvalidDataException>(_options, DailySeries.Create(26)), "26 rows", "no training windows are left", "CalibrationFraction");
        Sentence.Has(Refused<InvalidDataException>(_options, []), "no rows");
    }

    [Fact]
    public void Columns_that_cannot_be_used_are_named()
    {
        var rows = DailySeries.Create(60);
        Sentence.Has(Refused<ArgumentException>(_options with { InputColumnName = "Births" }, rows), "'Births'", "Series, Value");
        Sentence.Has(Refused<ArgumentException>(_options with { InputColumnName = "Series" }, rows), "'Series'", "Single or Double", "ConvertType");
        Sentence.Has(Refused<ArgumentException>(_options with { DateColumnName = "Day" }, rows), "Date column 'Day'");
        Sentence.Has(Refused<ArgumentException>(_options with { DateColumnName = "Observed" }, rows), "'Observed'", "DateTime, DateTimeOffset, or text");
        Sentence.Has(Refused<ArgumentException>(_options with { SeriesColumnName = "Observed" }, rows), "'Observed'", "text is expected");
        Sentence.Has(Refused<ArgumentException>(_options with { FutureCovariates = ["Price"] }, rows), "Covariate column 'Price'");

        var chain = _ml.Transforms.Concatenate("Window", "Value", "Observed").Append(_ml.Forecasting.ForecastByRecurrentNetwork(_options with { InputColumnName = "Window" }));
        Sentence.Has(Assert.Throws<ArgumentException>(() => chain.Fit(_ml.Data.LoadFromEnumerable(rows))), "'Window'", "one number per row is expected");
        using var model = DailySeries.Train(_ml, _options with { NumberOfSteps = 1 }, rows);
        var vectors = _ml.Transforms.Concatenate("Value", "Value", "Observed").Fit(_ml.Data.LoadFromEnumerable(rows)).Transform(_ml.Data.LoadFromEnumerable(rows));
        Sentence.Has(Assert.Throws<ArgumentException>(() => model.Transform(vectors)), "'Value'", "one number per row is expected");
        Sentence.Has(Assert.Throws<ArgumentException>(() => model.CreateForecastEngine(_ml).Update(vectors)), "'Value'", "one number per row is expected");
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused()
    {
        Option(_options with { WindowSize = 0 }, "WindowSize is 0");
        Option(_options with { Horizon = 0 }, "Horizon is 0");
        Option(_options with { ConfidenceLevel = 1 }, "ConfidenceLevel is 1");
        Option(_options with { CalibrationFraction = 1 }, "CalibrationFraction is 1");
        Option(_options with { CalibrationFraction = 0 }, "CalibrationFraction is 0", "'Lower'");
        Option(_options with { WindowSize = 6 }, "SeasonLength is 7", "only 6 steps", "null");
        Option(_options with { OutputColumnName = "" }, "OutputColumnName is empty");
        Option(_options with { FutureCovariates = ["Value"] }, "'Value' is used twice");
        Option(_options with { ConfidenceLowerBoundColumn = "Forecast" }, "'Forecast' is written twice");
        Option(_options with { Calendar = new() { YearlyHarmonics = -1 } }, "YearlyHarmonics is -1");
        Option(_options with { Calendar = new() { DaysAroundHolidays = -1 } }, "DaysAroundHolidays is -1");
        Option(_options with { Calendar = new() { Holidays = new("Own", [new("Never") { Month = 2, Day = 30 }]) } }, "'Never' is incomplete");
        Option(_options with { Network = new() { SeasonLength = 0 } }, "SeasonLength is 0");
        Option(_options with { Network = new() { Mode = (ForecastMode)9 } }, "Mode is 9", "Recursive");
        Option(_options with { Network = new() { Layers = new() { HiddenSize = 0 } } }, "HiddenSize is 0");
        Option(_options with { BatchSize = 0 }, "BatchSize is 0");

        void Option(RecurrentForecast.Options options, params string[] parts) => Sentence.Has(Assert.ThrowsAny<ArgumentException>(() => _ml.Forecasting.ForecastByRecurrentNetwork(options)), parts);
    }

    [Fact]
    public void New_rows_have_to_follow_and_none_is_taken_where_one_is_refused()
    {
        var rows = DailySeries.Create(120);
        using var model = DailySeries.Train(_ml, _options, rows.Take(100));
        var engine = model.CreateForecastEngine(_ml);
        var before = engine.Predict().Values;
        Update(rows.Skip(101), "Row 0 (2001-04-12)", "after 2001-04-10", "2001-04-11 is expected");
        Update(rows.Skip(99), "Row 0 (2001-04-10)", "like the row before it");
        Update(rows.Skip(100).Take(5).Concat(rows.Skip(106)), "Row 5 (2001-04-17)", "2001-04-16 is expected");
        Update([new() { Date = "2001-04-11", Value = float.NaN }], "Row 0 (2001-04-11)", "lacks its value");
        Assert.Throws<ArgumentException>(() => engine.Update(_ml.Data.LoadFromEnumerable(new[] { new { Date = "2001-04-11" } })));
        Assert.Equal(before, engine.Predict().Values);

        void Update(IEnumerable<DailySeries.Row> rows, params string[] parts) => Sentence.Has(Assert.Throws<InvalidDataException>(() => engine.Update(_ml.Data.LoadFromEnumerable(rows))), parts);
    }

    [Fact]
    public void An_engine_says_what_it_cannot_forecast()
    {
        var options = _options with { SeriesColumnName = "Series", FutureCovariates = ["Planned"] };
        var rows = DailySeries.Create(110, series: "a").Concat(DailySeries.Create(110, series: "b")).ToList();
        using var model = DailySeries.Train(_ml, options, rows.Take(100).Concat(rows.Skip(110).Take(100)));
        var engine = model.CreateForecastEngine(_ml);
        var future = _ml.Data.LoadFromEnumerable(rows.Skip(100).Take(10));
        Sentence.Has(Assert.Throws<ArgumentException>(() => engine.Predict(future: future)), "2 series", "'a', 'b'");
        Sentence.Has(Assert.Throws<ArgumentException>(() => engine.Predict(series: "c", future: future)), "no series 'c'", "'a', 'b'");
        Sentence.Has(Assert.Throws<ArgumentException>(() => engine.Predict(series: "a")), "'Planned'", "the next 7 steps");
        Sentence.Has(Assert.Throws<InvalidDataException>(() => engine.Predict(series: "b", future: future)), "0 for series 'b'", "7 are needed");
        Sentence.Has(Assert.Throws<InvalidDataException>(() => engine.Predict(11, series: "a", future: future)), "10 for series 'a'", "11 are needed");
        Sentence.Has(Assert.Throws<InvalidDataException>(() => engine.Predict(series: "a", future: _ml.Data.LoadFromEnumerable(rows.Skip(101).Take(9)))), "start with 2001-04-12", "2001-04-11 is expected");
        Sentence.Has(Assert.Throws<ArgumentOutOfRangeException>(() => engine.Predict(0, series: "a", future: future)), "horizon is 0");
        Sentence.Has(Assert.Throws<ArgumentOutOfRangeException>(() => engine.Predict(confidenceLevel: 1, series: "a", future: future)), "confidenceLevel is 1");
        Sentence.Has(Assert.Throws<InvalidDataException>(() => engine.Update(_ml.Data.LoadFromEnumerable(DailySeries.Create(5, series: "c")))), "a series 'c'", "'a', 'b'");
        Assert.Equal(7, engine.Predict(series: "a", future: future).Values.Length);
    }

    [Fact]
    public void Steps_end_where_dates_do()
    {
        var rows = DailySeries.Create(100);
        foreach (var (day, row) in rows.Index())
            row.Date = SeriesRows.Text(new DateTime(9999, 12, 31).AddDays(day - 129));
        using var model = DailySeries.Train(_ml, _options with { NumberOfSteps = 1 }, rows);
        var engine = model.CreateForecastEngine(_ml);
        Assert.Equal(new DateTime(9999, 12, 29), engine.Predict(28).Dates![^1]);
        Sentence.Has(Assert.Throws<ArgumentException>(() => engine.Predict(31)), "needs 35 steps of 1 day after 9999-12-01", "only 30 end", "Choose fewer");
        Sentence.Has(Assert.Throws<ArgumentOutOfRangeException>(() => engine.Predict(int.MaxValue)), "horizon is 2147483647", "at most 100000");
    }

    [Fact]
    public void A_model_that_does_not_forecast_makes_no_engine()
    {
        var other = _ml.Transforms.CopyColumns("Copied", "Value").Fit(_ml.Data.LoadFromEnumerable(DailySeries.Create(1)));
        Sentence.Has(Assert.Throws<ArgumentException>(() => other.CreateForecastEngine(_ml)), "does not forecast", "ForecastByRecurrentNetwork");
    }

    [Fact]
    public void A_backtest_needs_what_it_holds_out()
    {
        var rows = DailySeries.Create(60);
        using var model = DailySeries.Train(_ml, _options, rows);
        var data = _ml.Data.LoadFromEnumerable(rows);
        Sentence.Has(Assert.Throws<InvalidDataException>(() => ForecastBacktest.Run(model, data, 50, 7, 7)), "60 rows", "at least 64");
        Sentence.Has(Assert.Throws<ArgumentOutOfRangeException>(() => ForecastBacktest.Run(model, data, 6, 7, 7)), "heldOut is 6", "at least 7");
        Sentence.Has(Assert.Throws<ArgumentOutOfRangeException>(() => ForecastBacktest.Run(model, data, 7, 7, 0)), "step is 0");
    }

    private static List<DailySeries.Row> Change(Action<List<DailySeries.Row>> change)
    {
        var rows = DailySeries.Create(100);
        change(rows);
        return rows;
    }

    private void Refused(Action<List<DailySeries.Row>> change, params string[] parts) => Sentence.Has(Refused<InvalidDataException>(_options, Change(change)), parts);

    private T Refused<T>(RecurrentForecast.Options options, IEnumerable<DailySeries.Row> rows)
        where T : Exception => Assert.Throws<T>(() => _ml.Forecasting.ForecastByRecurrentNetwork(options).Fit(_ml.Data.LoadFromEnumerable(rows)));

    /// <summary>A model of rows that lack three values is that of rows where the right ones stand.</summary>
    private void AssertFilled(MissingValues filling, params Func<List<DailySeries.Row>, float>[] expected)
    {
        var whole = DailySeries.Create(100);
        float[] values = [.. expected.Select(value => value(whole))];
        int[] places = [41, 42, 99];
        using var filled = DailySeries.Train(_ml, _options with { MissingValues = filling }, Change(rows => places.ToList().ForEach(place => rows[place].Value = float.NaN)));
        using var given = DailySeries.Train(_ml, _options, Change(rows => places.Zip(values).ToList().ForEach(pair => rows[pair.First].Value = pair.Second)));
        var pairs = given.CreateForecastEngine(_ml).History().Values.Zip(filled.CreateForecastEngine(_ml).History().Values).ToList();
        Assert.Equal(100, pairs.Count);
        Assert.All(pairs, pair => Assert.Equal(pair.First, pair.Second, 1e-3f));
    }
}
