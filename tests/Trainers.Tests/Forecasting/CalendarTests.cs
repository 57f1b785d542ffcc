using Sconce.Trainers.Forecasts;

namespace Sconce.Trainers.Tests.Forecasting;

/// <summary>Holidays, what a network is told of a date, and how far dates are apart.</summary>
public sealed class CalendarTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

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
    public void A_file_gives_single_days_and_those_of_every_year()
    {
        var path = Write("date,name\n# a comment\n12-24,Eve\n2003-03-04,Carnival\n2004-02-24,Carnival\n\n02-29,Leap\n");
        var calendar = HolidayCalendar.FromFile(path);
        Assert.Equal("days", calendar.Name);
        calendar.Validate();
        Assert.Equal(["Eve", "Carnival", "Leap"], calendar.Holidays.Select(holiday => holiday.Name));
        Assert.True(calendar.Holidays[0].IsOn(new(1990, 12, 24)) && calendar.Holidays[0].IsOn(new(2011, 12, 24)));
        Assert.True(calendar.Holidays[1].IsOn(new(2003, 3, 4)) && calendar.Holidays[1].IsOn(new(2004, 2, 24)) && !calendar.Holidays[1].IsOn(new(2004, 3, 4)));
        Assert.True(calendar.Holidays[2].IsOn(new(2004, 2, 29)) && !calendar.Holidays[2].IsOn(new(2003, 2, 28)));
    }

    [Theory]
    [InlineData("2003-13-01,Never", "line 1", "'2003-13-01,Never'")]
    [InlineData("12-25,Christmas\n12-26", "line 2", "'12-26'")]
    [InlineData("12-25,", "line 1", "'12-25,'")]
    [InlineData("date,name\n", "has no holidays", "2003-12-25,Christmas")]
    public void A_file_with_something_else_is_refused(string content, params string[] parts) =>
        Sentence.Has(Assert.Throws<InvalidDataException>(() => HolidayCalendar.FromFile(Write(content))), [.. parts, "days.csv", "is expected"]);

    [Fact]
    public void A_file_that_is_not_there_is_named() => Sentence.Has(Assert.Throws<FileNotFoundException>(() => HolidayCalendar.FromFile(_folder.PathOf("none.csv"))), "none.csv");

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

    private string Write(string content) => _folder.Write("days.csv", System.Text.Encoding.UTF8.GetBytes(content));
}
