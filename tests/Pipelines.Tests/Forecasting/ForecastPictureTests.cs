using Sconce.Pipelines.Plots;
using Sconce.Tests;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tests.Forecasting;

public sealed class ForecastPictureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Last_years_curve_is_of_the_same_weekday_and_ends_where_it_is_not_known()
    {
        var chart = new ForecastPicture(Forecast(from: Day(400), 5), History(400)) { Shown = 40, ConfidenceLevel = 0.9 }.Draw();
        Assert.Equal(["52 weeks before", "actual", "forecast, 90 % bounds"], chart.Lines.Select(line => line.Name));
        var (before, actual, forecast) = (chart.Lines[0], chart.Lines[1], chart.Lines[2]);
        Assert.True(before.Faint);
        Assert.Equal(Enumerable.Range(360, 45).Select(day => day < 400 ? double.NaN : day - 364), before.Y);
        Assert.Equal(Enumerable.Range(360, 40).Select(day => (double)day), actual.Y);
        // The forecast leaves from the last value, and so do its bounds.
        Assert.Equal([399, 1_000, 1_001, 1_002, 1_003, 1_004], forecast.Y);
        Assert.Equal([399, 990, 991, 992, 993, 994], forecast.Lower!);
        Assert.Equal([399, 1_010, 1_011, 1_012, 1_013, 1_014], forecast.Upper!);
        Assert.Equal(actual.X[^1], forecast.X[0]);
        Assert.Equal(before.X, actual.X.Concat(forecast.X.Skip(1)));

        // Where all of it is known, it is under what came too.
        var longer = new ForecastPicture(Forecast(from: Day(400), 5), History(400)) { Shown = 36, ValueName = "births" }.Draw();
        Assert.Equal(Enumerable.Range(0, 41).Select(day => (double)day), longer.Lines[0].Y);
        Assert.Equal("births: 5 steps forecast from 2025-02-04", longer.Title);
    }

    [Fact]
    public void What_came_goes_on_over_the_forecast()
    {
        var picture = new ForecastPicture(Forecast(Day(30), 3), History(30)) { Actual = [7, 8, 9] };
        var chart = picture.Draw();
        Assert.Equal(["actual", "forecast"], chart.Lines.Select(line => line.Name));
        Assert.Equal([28, 29, 7, 8, 9], chart.Lines[0].Y.TakeLast(5));
        Assert.True(chart.Lines[1].Dashed);
        Assert.Equal(14 + 3, chart.Lines[0].Y.Count);
        Assert.Contains("Actual has 1 values; the forecast has 3", Assert.Throws<ArgumentException>(() => (picture with { Actual = [1] }).Draw()).Message, StringComparison.Ordinal);
        Assert.ThrowsAny<ArgumentException>(() => (picture with { History = History(0) }).Draw());
    }

    [Fact]
    public void Months_are_compared_with_those_of_the_year_before_and_rows_without_dates_with_nothing()
    {
        DateTime[] months = [.. Enumerable.Range(0, 27).Select(month => new DateTime(2020, 1, 1).AddMonths(month))];
        var history = new SeriesHistory("", months[..24], [.. Enumerable.Range(0, 24).Select(month => (double)month)]);
        var monthly = new ForecastPicture(Forecast(months[24..]), history).Draw();
        Assert.Equal("a year before", monthly.Lines[0].Name);
        Assert.Equal([12, 13, 14], monthly.Lines[0].Y.TakeLast(3));

        var undated = new ForecastPicture(Forecast([], 3) with { Dates = null }, new SeriesHistory("", null, [1, 2, 3, 4])) { Shown = 2 }.Draw();
        Assert.Equal(["actual", "forecast"], undated.Lines.Select(line => line.Name));
        Assert.Equal([2, 3], undated.Lines[0].X);
        Assert.Equal([3, 4, 5, 6], undated.Lines[1].X);
        // From a Friday to a Monday are three days, and a year is one of weeks all the same.
        DateTime[] days = [.. Enumerable.Range(0, 400).Select(day => new DateTime(2024, 1, 1).AddDays(day)).Where(day => day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday))];
        var trading = new ForecastPicture(Forecast(days[279..]), new SeriesHistory("", days[..279], [.. Enumerable.Range(0, 279).Select(day => (double)day)])).Draw();
        Assert.Equal("52 weeks before", trading.Lines[0].Name);
        undated.Save(_folder.PathOf("undated.png"));
        Assert.NotEmpty(File.ReadAllBytes(_folder.PathOf("undated.png")));
    }

    [Fact]
    public void A_faint_line_takes_no_colour_from_the_others()
    {
        ChartLine One(string name, bool faint) => new(name, (double[])[1, 2], [1, 2]) { Faint = faint };
        var with = new LineChart([One("before", true), One("a", false), One("b", false)]).ToModel();
        var without = new LineChart([One("a", false), One("b", false)]).ToModel();
        var colors = with.Series.Cast<OxyPlot.Series.LineSeries>().Select(series => series.Color).ToList();
        Assert.Equal(without.Series.Cast<OxyPlot.Series.LineSeries>().Select(series => series.Color), colors.Skip(1));
        Assert.DoesNotContain(colors[0], colors.Skip(1));
    }

    [Fact]
    public void The_table_has_a_line_for_each_step_and_nothing_for_bounds_that_there_are_not()
    {
        var path = _folder.PathOf("forecast.csv");
        ForecastFile.Save([Forecast(Day(0), 2)], path);
        Assert.Equal("date,forecast,lower,upper\n2024-01-01,1000,990,1010\n2024-01-02,1001,991,1011\n", File.ReadAllText(path));
        var hour = Forecast([new DateTime(2024, 1, 1, 18, 0, 0)]);
        ForecastFile.Save([hour with { Series = "a,b", Values = [0.5], Lower = [double.NaN], Upper = [double.NaN] }], path);
        Assert.Equal("series,date,forecast,lower,upper\n\"a,b\",2024-01-01T18:00:00,0.5,,\n", File.ReadAllText(path));
        ForecastFile.Save([Forecast([Day(0)]) with { Values = [1_000_000_007.25], DateSuffix = "Z" }], path);
        Assert.Equal("date,forecast,lower,upper\n2024-01-01T00:00:00Z,1000000007.25,990,1010\n", File.ReadAllText(path));
        ForecastFile.Save([Forecast([], 1) with { Dates = null }], path);
        Assert.Equal("step,forecast,lower,upper\n1,1000,990,1010\n", File.ReadAllText(path));
    }

    private static DateTime Day(int day) => new DateTime(2024, 1, 1).AddDays(day);

    private static SeriesHistory History(int days) => new("", [.. Enumerable.Range(0, days).Select(Day)], [.. Enumerable.Range(0, days).Select(day => (double)day)]);

    private static SeriesForecast Forecast(DateTime from, int steps) => Forecast([.. Enumerable.Range(0, steps).Select(step => from.AddDays(step))]);

    private static SeriesForecast Forecast(DateTime[] dates, int? steps = null)
    {
        double[] values = [.. Enumerable.Range(0, steps ?? dates.Length).Select(step => 1_000.0 + step)];
        return new SeriesForecast("", dates, values, [.. values.Select(value => value - 10)], [.. values.Select(value => value + 10)]);
    }
}
