using System.Globalization;
using Sconce.Pipelines.Tutorials.Dates;

namespace Sconce.Pipelines.Tests.Dates;

/// <summary>What is made up is what people write, and what .NET itself reads as the same date.</summary>
public class DateFormsTests
{
    public static TheoryData<string> Forms => [.. DateForms.All];

    [Theory]
    [MemberData(nameof(Forms))]
    public void Every_form_is_read_back_by_dotnet(string form)
    {
        var random = new Random(1);
        // .NET's parser takes two digits of a year to be of the hundred years up to 2049, as the forms do.
        Assert.Equal(2049, CultureInfo.InvariantCulture.Calendar.TwoDigitYearMax);
        for (var i = 0; i < 200; i++)
        {
            var date = DateForms.First.AddDays(random.Next(DateForms.Last.DayNumber - DateForms.First.DayNumber + 1));
            if (!DateForms.Tells(form, date))
                continue;
            var text = DateForms.Write(form, date);
            var ending = DateForms.Write("d{th}", date)[date.Day.ToString(CultureInfo.InvariantCulture).Length..];
            Assert.Equal(date, DateOnly.ParseExact(text, form.Replace("{th}", $"'{ending}'", StringComparison.Ordinal), CultureInfo.InvariantCulture));
        }
    }

    [Theory]
    [InlineData(1, "1st")]
    [InlineData(2, "2nd")]
    [InlineData(3, "3rd")]
    [InlineData(4, "4th")]
    [InlineData(11, "11th")]
    [InlineData(12, "12th")]
    [InlineData(13, "13th")]
    [InlineData(21, "21st")]
    [InlineData(22, "22nd")]
    [InlineData(23, "23rd")]
    [InlineData(30, "30th")]
    [InlineData(31, "31st")]
    public void Ordinals_end_as_in_English(int day, string expected) =>
        Assert.Equal($"{expected} January 2000", DateForms.Write("d{th} MMMM yyyy", new DateOnly(2000, 1, day)));

    [Fact]
    public void Forms_are_different_and_two_digits_of_a_year_are_of_one_century()
    {
        Assert.Equal(DateForms.All.Count, DateForms.All.Distinct().Count());
        Assert.True(DateForms.Tells("MM/dd/yy", new(1950, 1, 1)));
        Assert.True(DateForms.Tells("MM/dd/yy", new(2049, 12, 31)));
        Assert.False(DateForms.Tells("MM/dd/yy", new(1949, 12, 31)));
        Assert.False(DateForms.Tells("MM/dd/yy", new(2050, 1, 1)));
        Assert.True(DateForms.Tells("MM/dd/yyyy", new(1900, 1, 1)));
        Assert.Equal("1998-03-05", DateForms.WriteIso(new(1998, 3, 5)));
    }

    /// <summary>No two dates are written alike: an answer is right or wrong.</summary>
    [Fact]
    public void A_string_is_of_one_date()
    {
        var dates = new Dictionary<string, string>();
        foreach (var example in DateExamples.Draw(60_000, 1_000, seed: 1).Training)
            dates.Add(example.Date, example.IsoDate);
        var random = new Random(2);
        for (var i = 0; i < 60_000; i++)
        {
            var date = DateForms.First.AddDays(random.Next(DateForms.Last.DayNumber - DateForms.First.DayNumber + 1));
            var form = DateForms.All[random.Next(DateForms.All.Count)];
            if (DateForms.Tells(form, date) && dates.TryGetValue(DateForms.Write(form, date), out var known))
                Assert.Equal(known, DateForms.WriteIso(date));
        }
    }
}
