using Microsoft.ML;
using Sconce.Trainers.Forecasts;

namespace Sconce.Trainers.Tests.Forecasting;

/// <summary>Days and months that are not all alike: trading days, ends of months, a day that some months lack.</summary>
public class FrequencyTests
{
    private static readonly DateTime _monday = new(2024, 1, 1);

    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Trading_days_go_on_after_the_weekend_though_some_are_holidays()
    {
        DateTime[] holidays = [new(2024, 2, 19), new(2024, 3, 29), new(2024, 5, 27)];
        var rows = Enumerable.Range(0, 200).Select(day => _monday.AddDays(day)).Where(date => date.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday) && !holidays.Contains(date))
            .Select(date => new DailySeries.Row { Date = SeriesRows.Text(date), Value = 100 + 10 * (int)date.DayOfWeek }).ToList();
        using var trained = DailySeries.Train(_ml, DailySeries.Quick with { NumberOfSteps = 2 }, rows.SkipLast(3));
        using var model = (ForecastTransformer)_ml.Model.Load(new MemoryStream(ModelZip.Save(_ml, trained)), out _);
        Assert.Equal((Weekdays.BusinessDays, "1 business day", 261), (model.Frequency!.Weekdays, $"{model.Frequency}", model.Frequency.StepsInYear));
        Assert.Equal(5, ((RecurrentForecast)model.Model.Definition.Network).SeasonLength);
        var engine = model.CreateForecastEngine(_ml);
        // A holiday has the value before it, and rows are as far apart as weeks are.
        Assert.Equal((new DateTime(2024, 2, 19), 150), (engine.History().Dates![35], engine.History().Values[35]));
        engine.Update(_ml.Data.LoadFromEnumerable(rows.TakeLast(3)));
        var next = engine.Predict().Dates!;
        Assert.Equal(["2024-07-19", "2024-07-22", "2024-07-23"], next.Take(3).Select(date => SeriesRows.Text(date)));
        Assert.Equal(rows.Count, DailySeries.Column(model.Transform(_ml.Data.LoadFromEnumerable(rows))).Length);
        Sentence.Has(Assert.Throws<InvalidDataException>(() => engine.Update(_ml.Data.LoadFromEnumerable([new DailySeries.Row { Date = "2024-07-20" }]))), "Row 0 (2024-07-20)", "a Saturday", "1 business day", "Remove the row");
        // What is absent for more than two weeks is no holiday.
        rows.RemoveRange(20, 11);
        Sentence.Has(Assert.Throws<InvalidDataException>(() => DailySeries.Train(_ml, DailySeries.Quick, rows)), "2024-01-29 is expected", "1 business day");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(142)]
    [InlineData(-1)]
    public void A_session_on_a_Saturday_makes_no_week_of_six_days(int day)
    {
        // The first row, the last one, or one between.
        var days = Enumerable.Range(0, 300).Select(day => _monday.AddDays(day)).Where(date => date.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday)).ToList();
        var saturday = day switch { 0 => _monday.AddDays(-2), < 0 => _monday.AddDays(299), _ => _monday.AddDays(7 * 20 + 5) };
        Assert.Equal(DayOfWeek.Saturday, saturday.DayOfWeek);
        List<DateTime> all = [.. days.Append(saturday).Order()];
        var rows = Rows(all);
        var frequency = SeriesFrequency.Find([rows])!;
        Assert.Equal(Weekdays.BusinessDays, frequency.Weekdays);
        var refused = Assert.Throws<InvalidDataException>(() => rows.Complete(frequency, "Date"));
        Sentence.Has(refused, $"Row {all.IndexOf(saturday)} ({SeriesRows.Text(saturday)})", "a Saturday", "1 business day", "Remove the row");
        Assert.Equal(0, rows.Added);
    }

    [Fact]
    public void Days_that_no_week_has_regularly_are_all_given()
    {
        var rows = Rows([.. Enumerable.Range(0, 7).SelectMany(week => (DateTime[])[_monday.AddDays(8 * week), _monday.AddDays(8 * week + 1)])]);
        Assert.Equal(Weekdays.All, SeriesFrequency.Find([rows])!.Weekdays);
    }

    [Fact]
    public void A_shop_that_is_closed_on_Sundays_has_weeks_of_six_days()
    {
        var rows = Rows([.. Enumerable.Range(0, 60).Select(day => _monday.AddDays(day)).Where(date => date.DayOfWeek != DayOfWeek.Sunday)]);
        var frequency = SeriesFrequency.Find([rows])!;
        rows.Complete(frequency, "Date");
        Assert.Equal((6, 0), (frequency.Weekdays.PerWeek(), rows.Added));
        var saturday = new DateTime(2024, 3, 2, 18, 0, 0);
        Assert.Equal(new DateTime(2024, 3, 4, 18, 0, 0), frequency.After(saturday));
        Assert.Equal(new DateTime(2024, 3, 9, 18, 0, 0), frequency.After(saturday, 6));
        Assert.Equal(new DateTime(9999, 12, 31), frequency.After(new DateTime(9999, 12, 1), (int)frequency.StepsAfter(new DateTime(9999, 12, 1))));
        // Five days in a row tell nothing of a weekend.
        Assert.Equal("1 day", $"{SeriesFrequency.Find([Rows([.. Enumerable.Range(0, 5).Select(day => _monday.AddDays(day))])])}");
    }

    [Theory]
    [InlineData("2010-01-30 2010-02-28 2010-03-30 2010-04-30", "2010-05-30", "1 month")]
    [InlineData("2019-12-30 2020-01-30 2020-02-29", "2020-03-30", "1 month")]
    [InlineData("2010-01-29 2010-02-28 2010-03-29", "2010-04-29", "1 month")]
    [InlineData("2019-02-28 2019-03-31 2019-04-30", "2019-05-31", "1 month")]
    [InlineData("2019-03-31 2019-06-30 2019-09-30", "2019-12-31", "3 months")]
    [InlineData("2010-01-29 2010-02-26 2010-03-31 2010-04-30", "2010-05-31", "1 month, to the last business day")]
    [InlineData("2014-07-31 2014-08-29 2014-09-30 2014-10-31", "2014-11-28", "1 month, to the last business day")]
    // Good Friday of 2024, and Memorial Day of 2021, were holidays at a month's end.
    [InlineData("2024-01-31 2024-02-29 2024-03-28 2024-04-30", "2024-05-31", "1 month, to the last business day")]
    [InlineData("2010-03-31 2010-06-30 2010-09-30 2010-12-31 2011-03-31 2011-06-30 2011-09-30 2011-12-30", "2012-03-30", "3 months, to the last business day")]
    [InlineData("1999-12-31 2000-12-31 2001-12-31", "2002-12-31", "12 months")]
    public void Months_go_on_from_the_day_that_they_are_meant_for(string dates, string next, string name)
    {
        var rows = Rows([.. dates.Split(' ').Select(date => DateTime.Parse(date))]);
        var frequency = SeriesFrequency.Find([rows])!;
        rows.Complete(frequency, "Date");
        Assert.Equal((DateTime.Parse(next), name), (frequency.After(rows.Dates![^1]), $"{frequency}"));
        Assert.Equal(rows.Dates[^1].AddYears(8).Year, frequency.After(rows.Dates[^1], 8 * 12 / frequency.Months).Year);
        frequency.Validate();
    }

    [Fact]
    public void Days_that_change_from_month_to_month_are_no_step_and_months_are_asked_for()
    {
        var rows = Rows([new(2010, 1, 5), new(2010, 2, 4), new(2010, 3, 6), new(2010, 4, 6)]);
        Sentence.Has(Assert.Throws<InvalidDataException>(() => rows.Complete(SeriesFrequency.Find([rows])!, "Date")), "2010-04-05 is expected", "as 2003-12");
    }

    [Fact]
    public void Days_and_weekdays_that_make_no_sense_are_refused()
    {
        Refused(new(TimeSpan.FromDays(1)) { Weekdays = Weekdays.None });
        Refused(new(TimeSpan.FromHours(1)) { Weekdays = Weekdays.BusinessDays });
        Refused(new(TimeSpan.Zero, 1) { Day = 32 });
        static void Refused(SeriesFrequency frequency) => Assert.Throws<ArgumentException>(frequency.Validate);
    }

    private static SeriesRows Rows(IReadOnlyList<DateTime> dates)
    {
        var rows = new SeriesRows("", 1, dated: true);
        foreach (var (row, date) in dates.Index())
        {
            rows.Add(date, row);
            rows.Values.Add(row);
        }

        return rows;
    }
}
