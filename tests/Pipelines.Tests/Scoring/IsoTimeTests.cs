using Microsoft.ML.Data;
using Sconce.Files.Rows;
using Sconce.Files.Text;
using Sconce.Tests;

namespace Sconce.Pipelines.Tests.Scoring;

/// <summary>Dates and durations that say what they are, and those that would have to be guessed.</summary>
public sealed class IsoTimeTests
{
    [Theory]
    [InlineData("2024-02-29", "2024-02-29T00:00:00.0000000+00:00")]
    [InlineData(" 2024-02-29 12:30 ", "2024-02-29T12:30:00.0000000+00:00")]
    [InlineData("2024-02-29T12:30:59Z", "2024-02-29T12:30:59.0000000+00:00")]
    [InlineData("2024-02-29 12:30:59.123456789 UTC", "2024-02-29T12:30:59.1234567+00:00")]
    [InlineData("2024-02-29T12:30+05:30", "2024-02-29T12:30:00.0000000+05:30")]
    [InlineData("2024-02-29 12:30:00-0800", "2024-02-29T12:30:00.0000000-08:00")]
    [InlineData("2024-02-29 12:30:00.5+01", "2024-02-29T12:30:00.5000000+01:00")]
    [InlineData("0001-01-01T00:00:00+01:00", null)]
    [InlineData("2023-02-29", null)]
    [InlineData("2024-13-01", null)]
    [InlineData("0000-01-01", null)]
    [InlineData("2024-02-29T24:00", null)]
    [InlineData("2024-02-29T12", null)]
    [InlineData("2024-02-29T12:30:60", null)]
    [InlineData("2024-02-29T12:30+15:00", null)]
    [InlineData("2024-02-29x", null)]
    [InlineData("2024-02", null)]
    [InlineData("2024", null)]
    [InlineData("20240229", null)]
    [InlineData("12:34", null)]
    [InlineData("5 PM", null)]
    [InlineData("1.5", null)]
    [InlineData("3/4", null)]
    [InlineData("10/11/12", null)]
    [InlineData("29.02.2024", null)]
    [InlineData("٢٠٢٤-02-29", null)]
    [InlineData("", null)]
    public void A_date_is_ISO_or_none(string text, string? expected)
    {
        var offsets = (ValueParser<DateTimeOffset>)ValueParser.For(new("v", DateTimeOffsetDataViewType.Instance));
        Assert.Equal(expected is not null, offsets.TryParse(text, out var time));
        var times = (ValueParser<DateTime>)ValueParser.For(new("v", DateTimeDataViewType.Instance));
        Assert.Equal(expected is not null, times.TryParse(text, out var utc));
        if (expected is not null)
            Assert.Equal((expected, time.UtcDateTime), ($"{time:O}", utc));
    }

    [Theory]
    [InlineData("23:59:00", "23:59:00")]
    [InlineData("-1.02:03:04.5", "-1.02:03:04.5000000")]
    [InlineData("P1DT2H3M4.5S", "1.02:03:04.5000000")]
    [InlineData("-PT90S", "-00:01:30")]
    [InlineData("P1M", null)]
    [InlineData("P1Y", null)]
    [InlineData("P", null)]
    [InlineData("2024", null)]
    [InlineData("12:34", null)]
    [InlineData("25:00:00", null)]
    [InlineData("1e3", null)]
    [InlineData("", null)]
    public void A_duration_says_its_units_or_has_them_all(string text, string? expected)
    {
        var parser = (ValueParser<TimeSpan>)ValueParser.For(new("v", TimeSpanDataViewType.Instance));
        Assert.Equal(expected is not null, parser.TryParse(text, out var duration));
        if (expected is not null)
            Assert.Equal(expected, $"{duration:c}");
    }

    [Fact]
    public void Another_form_is_read_by_its_format_and_no_other()
    {
        byte[] content = "v\n29.02.2024 12:30\n2024-02-29\n3/4\n"u8.ToArray();
        var column = new RequestedColumn("v", DateTimeDataViewType.Instance);
        var rows = RowFormats.Csv.Read(content, new RowRequest([column]) { DateTimeFormat = "dd.MM.yyyy HH:mm" });
        Assert.Equal(new DateTime(2024, 2, 29, 12, 30, 0), ((FixedValues<DateTime>)rows.Columns[0]).Row(0)[0]);
        Assert.Equal([3, 4], rows.Bad.Select(bad => bad.Place.Line));
        rows = RowFormats.JsonLines.Read("{\"v\":\"12/31/1999\"}\n{\"v\":\"1999-12-31\"}"u8.ToArray(), new RowRequest([column]) { DateTimeFormat = "MM/dd/yyyy" });
        Assert.Equal((1, 1), (rows.Count, rows.Bad.Count));
    }

    [Theory]
    [InlineData("HH:mm")]
    [InlineData("dd.MM.")]
    [InlineData("t")]
    [InlineData("")]
    [InlineData("'yyyy'")]
    public void A_format_without_a_year_is_refused(string format) => Assert.Throws<ArgumentException>(() => new FileScoringOptions { DateTimeFormat = format }.Validate());
}
