using Sconce.Trainers.Forecasts;

namespace Sconce.Trainers.Tests.Forecasting;

/// <summary>Holidays, what a network is told of a date, and how far dates are apart.</summary>
public sealed class CalendarTests
{
    /// <summary>The dates are those of the Office of Personnel Management's tables.</summary>
    [Theory]
    [InlineData("2003-01-01", "New Year's Day")]
    [InlineData("2003-01-20", "Martin Luther King Day")]
    [InlineData("2003-02-17", "Presidents' Day")]
    [InlineData("2003-05-26", "Memorial Day")]
    [InlineData("1999-05-31", "Memorial Day")]
    [InlineData("2003-07-04", "Independence Day")]
    [InlineData("1998-07-03", "Independence Day")]
    [InlineData("2004-07-05", "Independence Day")]
    [InlineData("2003-09-01", "Labor Day")]
    [InlineData("2003-10-13", "Columbus Day")]
    [InlineData("2003-11-11", "Veterans Day")]
    [InlineData("2003-11-27", "Thanksgiving")]
    [InlineData("2003-12-25", "Christmas Day")]
    [InlineData("1999-12-31", "New Year's Day")]
    [InlineData("2003-11-20", null)]
    [InlineData("2003-05-19", null)]
    [InlineData("2003-12-26", null)]
    public void American_holidays_fall_on_their_days(string date, string? name) =>
        Assert.Equal(name is null ? [] : [name], HolidayCalendar.UnitedStates.Holidays.Where(holiday => holiday.IsOn(DateOnly.Parse(date))).Select(holiday => holiday.Name));

    [Fact]
    public void A_calendar_goes_by_its_name()
    {
        Assert.Same(HolidayCalendar.UnitedStates, HolidayCalendar.Named("unitedstates"));
        Sentence.Has(Assert.Throws<ArgumentException>(() => HolidayCalendar.Named("Atlantis")), "'Atlantis'", "UnitedStates", "date,name");
    }

    [Fact]
    public void A_date_is_told_as_day_of_week_waves_and_days_around_holidays()
    {
        var holidays = new HolidayCalendar("One", [new("Eve") { Month = 12, Day = 24 }, new("Other") { Month = 6, Day = 1 }]);
        var calendar = new CalendarFeatures { YearlyHarmonics = 2, Holidays = holidays, DaysAroundHolidays = 2 };
        var values = new float[calendar.Size];
        Assert.Equal(7 + 4 + 2 * 5, values.Length);
        calendar.Write(new DateTime(2003, 12, 25, 12, 0, 0), values);
        // A Thursday.
        Assert.Equal([0, 0, 0, 0, 1, 0, 0], values[..7]);
        var angle = 2 * Math.PI * 358.5 / 365.2425;
        Assert.Equal(Math.Sin(angle), values[7], 1e-6);
        Assert.Equal(Math.Cos(angle), values[8], 1e-6);
        Assert.Equal(Math.Sin(2 * angle), values[9], 1e-6);
        Assert.Equal(Math.Cos(2 * angle), values[10], 1e-6);
        Assert.Equal([0, 0, 0, 1, 0], values[11..16]);
        Assert.Equal([0, 0, 0, 0, 0], values[16..]);

        var seen = calendar.SeenIn([new(2003, 12, 24)]);
        Assert.Equal(["Eve"], seen.Holidays!.Holidays.Select(holiday => holiday.Name));
    }

    [Fact]
    public void Steps_are_found_and_gone_on_with()
    {
        Check(["2003-01-01", "2003-01-02", "2003-01-03"], "2003-01-04", "1 day");
        Check(["2003-01-01T22:00", "2003-01-01T23:00"], "2003-01-02", "1 hour");
        Check(["2003-02-14", "2003-02-21"], "2003-02-28", "7 days");
        Check(["2003-01-15", "2003-02-15", "2003-03-15"], "2003-04-15", "1 month");
        Check(["2003-12-31", "2004-01-31", "2004-02-29", "2004-03-31"], "2004-04-30", "1 month");
        Check(["2003-01-01", "2003-04-01", "2003-07-01"], "2003-10-01", "3 months");
        // The most frequent step, where one day is missing.
        Assert.Equal("1 day", SeriesFrequency.Find([Rows("2003-01-01", "2003-01-02", "2003-01-04", "2003-01-05")])!.ToString());
        Assert.Equal(366, new SeriesFrequency(TimeSpan.FromDays(1)).StepsInYear);
        Assert.Equal(12, new SeriesFrequency(TimeSpan.Zero, 1).StepsInYear);

        static void Check(string[] dates, string next, string name)
        {
            var rows = Rows(dates);
            var frequency = SeriesFrequency.Find([rows])!;
            rows.CheckSteps(frequency, "Date");
            Assert.Equal(DateTime.Parse(next), frequency.After(rows.Dates![^1]));
            Assert.Equal(name, frequency.ToString());
        }
    }

    private static SeriesRows Rows(params string[] dates)
    {
        var rows = new SeriesRows("", 1, dated: true);
        foreach (var (row, date) in dates.Index())
            rows.Add(DateTime.Parse(date), row);
        return rows;
    }
}
