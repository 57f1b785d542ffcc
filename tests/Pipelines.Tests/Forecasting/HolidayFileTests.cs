using System.Text;
using Sconce.Tests;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tests.Forecasting;

public sealed class HolidayFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_gives_single_days_and_those_of_every_year()
    {
        var calendar = HolidayCalendar.FromFile(Write("date,name\r\n# a comment\n12-24,Eve\n2003-03-04,Carnival\n2004-02-24,\"Carnival\"\n\n02-29, Leap, day\n01-01,\"The \"\"first\"\"\"\n"));
        Assert.Equal("days", calendar.Name);
        calendar.Validate();
        Assert.Equal(["Eve", "Carnival", "Leap, day", "The \"first"], calendar.Holidays.Select(holiday => holiday.Name));
        Assert.True(calendar.Holidays[0].IsOn(new(1990, 12, 24)) && calendar.Holidays[0].IsOn(new(2011, 12, 24)));
        Assert.True(calendar.Holidays[1].IsOn(new(2003, 3, 4)) && calendar.Holidays[1].IsOn(new(2004, 2, 24)) && !calendar.Holidays[1].IsOn(new(2004, 3, 4)));
        Assert.True(calendar.Holidays[2].IsOn(new(2004, 2, 29)) && !calendar.Holidays[2].IsOn(new(2003, 2, 28)));
    }

    [Theory]
    [InlineData("2003-13-01,Never", 1)]
    [InlineData("12-25,Christmas\n12-26", 2)]
    [InlineData("12-25,", 1)]
    [InlineData("12-25,Christmas\n12-26,\"Boxing", 2)]
    [InlineData("12-25,Christmas\n12-26,\uFFFF", 2)]
    [InlineData("date,name\n", null)]
    [InlineData("", null)]
    public void A_file_with_something_else_is_refused_by_file_and_line(string content, int? line)
    {
        var path = Write(content);
        var facts = ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => HolidayCalendar.FromFile(path)));
        Assert.Equal((path, line), (facts.File, facts.Line));
    }

    [Fact]
    public void A_file_of_another_format_is_refused_as_such() =>
        Assert.Contains("an Excel workbook", Assert.Throws<InvalidDataException>(() => HolidayCalendar.FromFile(Write("PK\u0003\u0004\u0014\0[Content_Types].xml"))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_file_that_is_not_there_is_named() => Assert.Contains("none.csv", Assert.Throws<FileNotFoundException>(() => HolidayCalendar.FromFile(_folder.PathOf("none.csv"))).Message, StringComparison.Ordinal);

    private string Write(string content) => _folder.Write("days.csv", Encoding.UTF8.GetBytes(content));
}
