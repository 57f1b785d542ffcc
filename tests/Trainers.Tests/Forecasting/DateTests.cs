using System.Globalization;
using Microsoft.ML;
using Sconce.Trainers.Forecasts;

namespace Sconce.Trainers.Tests.Forecasting;

/// <summary>Dates with an offset from UTC, and local times at which clocks change.</summary>
public class DateTests
{
    private static readonly DateTime _start = new(2024, 1, 1);

    private readonly MLContext _ml = new(seed: 1);
    private readonly RecurrentForecast.Options _options = DailySeries.Quick with { NumberOfSteps = 1 };

    [Theory]
    [InlineData("2024-01-01", "2024-01-01T00:00:00", null)]
    [InlineData("2024-01", "2024-01-01T00:00:00", null)]
    [InlineData(" 2024-01-01 06:30 ", "2024-01-01T06:30:00", null)]
    [InlineData("2024-01-01 06:30:10.000", "2024-01-01T06:30:10", null)]
    [InlineData("2024-01-01T06:30:10.000000000", "2024-01-01T06:30:10", null)]
    [InlineData("2024-01-01T06:30:10.25", "2024-01-01T06:30:10.25", null)]
    [InlineData("2024-01-01T06:30:00Z", "2024-01-01T06:30:00", "Z")]
    [InlineData("2024-01-01 06:30:00.000+00:00", "2024-01-01T06:30:00", "+00:00")]
    [InlineData("2024-01-01T06:30:00-04:00", "2024-01-01T10:30:00", "-04:00")]
    [InlineData("2024-01-01 06:30:00+0530", "2024-01-01T01:00:00", "+05:30")]
    [InlineData("2024-01-01 06:30+02", "2024-01-01T04:30:00", "+02:00")]
    public void A_date_may_have_fractions_and_an_offset(string text, string utc, string? zone)
    {
        Assert.True(DateZone.TryParse(text, out var date, out var read));
        Assert.Equal((DateTime.Parse(utc, CultureInfo.InvariantCulture), zone), (date, read?.ToString()));
    }

    [Theory]
    [InlineData("2024-01-01Z")]
    [InlineData("2024-01-01T06:30:00+15:00")]
    [InlineData("2024-01-01T06:30:00+1")]
    [InlineData("2024-01-01T25:30:00Z")]
    [InlineData("0001-01-01T00:00:00+01:00")]
    [InlineData("01/02/2024")]
    [InlineData("")]
    [InlineData("Z")]
    public void What_is_no_date_is_none(string text) => Assert.False(DateZone.TryParse(text, out _, out _));

    [Theory]
    [InlineData("Z", "2024-01-06T04:00:00Z")]
    [InlineData("+00:00", "2024-01-06T04:00:00+00:00")]
    [InlineData("-04:00", "2024-01-06T04:00:00-04:00")]
    public void Forecasts_are_dated_as_the_rows_were(string suffix, string next)
    {
        using var trained = Train(Enumerable.Range(0, 120).Select(hour => SeriesRows.Text(_start.AddHours(hour), suffix)));
        using var model = (ForecastTransformer)_ml.Model.Load(new MemoryStream(ModelZip.Save(_ml, trained)), out _);
        var engine = model.CreateForecastEngine(_ml);
        // The same moments, written with another offset, or in a column of another type.
        DateTimeOffset Moment(int hour) => new(_start.AddHours(hour), suffix == "-04:00" ? TimeSpan.FromHours(-4) : TimeSpan.Zero);
        engine.Update(Rows(Enumerable.Range(120, 2).Select(hour => Moment(hour).ToOffset(TimeSpan.FromHours(3)).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture))));
        engine.Update(_ml.Data.LoadFromEnumerable(Enumerable.Range(122, 2).Select(hour => new { Date = Moment(hour), Value = 1f })));
        var forecast = engine.Predict();
        Assert.Equal(next, SeriesRows.Text(forecast.Dates![0], forecast.DateSuffix));
        Sentence.Has(Assert.Throws<InvalidDataException>(() => engine.Update(Rows(["2024-01-06T04:00:00"]))), "'Date' have no offset", suffix, $"2024-01-06T04:00:00{suffix}");
        using var local = Train(Enumerable.Range(0, 120).Select(hour => SeriesRows.Text(_start.AddHours(hour))));
        Sentence.Has(Assert.Throws<InvalidDataException>(() => local.CreateForecastEngine(_ml).Update(Rows([$"2024-01-06T00:00:00{suffix}"]))), "an offset", "none", "2024-01-06");
        Sentence.Has(Assert.Throws<InvalidDataException>(() => Train(["2024-01-01T00:00:00", $"2024-01-01T01:00:00{suffix}"])), "Row 1", "'Date'", "with an offset");
        Sentence.Has(Assert.Throws<InvalidDataException>(() => Train([$"2024-01-01T00:00:00{suffix}", "2024-01-01T01:00:00"])), "Row 1", "'Date'", "without an offset");
    }

    [Fact]
    public void Local_times_with_their_offsets_go_on_through_a_change_of_clocks()
    {
        using var model = Train(NewYork(new DateTime(2024, 10, 31), 120).Select(time => time.ToString("yyyy-MM-dd HH:mm:sszzz", CultureInfo.InvariantCulture)));
        var forecast = model.CreateForecastEngine(_ml).Predict();
        Assert.Equal("2024-11-05T00:00:00+00:00", SeriesRows.Text(forecast.Dates![0], forecast.DateSuffix));
        Assert.Equal("1 hour", $"{model.Frequency}");
    }

    [Theory]
    [InlineData("2024-10-31", "Row 78 (2024-11-03T01:00:00)", "an hour of local time is repeated")]
    [InlineData("2024-03-08", "Row 55 (2024-03-10T03:00:00)", "an hour is missing between them. If its row is missing, add it")]
    public void Local_times_without_offsets_are_refused_where_clocks_probably_changed(string start, params string[] parts)
    {
        foreach (var minutes in (int[])[60, 30])
        {
            var times = NewYork(DateTime.Parse(start, CultureInfo.InvariantCulture), 120, minutes).Select(time => SeriesRows.Text(time.DateTime));
            var refused = Assert.Throws<InvalidDataException>(() => Train(times));
            Sentence.Has(refused, [.. minutes == 60 ? parts : parts[1..], "clocks changed", "in UTC", "offset"]);
            Assert.DoesNotContain("Remove", refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("Add the missing rows", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_hour_that_is_missing_or_given_twice_elsewhere_is_no_change_of_clocks()
    {
        List<string> times = [.. Enumerable.Range(0, 120).Select(hour => SeriesRows.Text(new DateTime(2024, 3, 11).AddHours(hour)))];
        Sentence.Has(Assert.Throws<InvalidDataException>(() => Train(times.Where((_, row) => row != 26))), "Row 26", "Add the missing rows");
        times.Insert(40, times[39]);
        Sentence.Has(Assert.Throws<InvalidDataException>(() => Train(times)), "Row 40", "Remove one of them");
    }

    private static IEnumerable<DateTimeOffset> NewYork(DateTime utc, int count, int minutes = 60)
    {
        // Written down, as not every machine knows the time zones.
        static TimeSpan Offset(DateTime time) => TimeSpan.FromHours(time >= new DateTime(2024, 3, 10, 7, 0, 0) && time < new DateTime(2024, 11, 3, 6, 0, 0) ? -4 : -5);
        return Enumerable.Range(0, count * 60 / minutes).Select(step => utc.AddMinutes(minutes * step)).Select(time => new DateTimeOffset(time, TimeSpan.Zero).ToOffset(Offset(time)));
    }

    private IDataView Rows(IEnumerable<string> dates) => _ml.Data.LoadFromEnumerable(dates.Select((date, row) => new DailySeries.Row { Date = date, Value = row % 7 }));

    private ForecastTransformer Train(IEnumerable<string> dates) => _ml.Forecasting.ForecastByRecurrentNetwork(_options).Fit(Rows(dates));
}
