using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Pipelines.Forecasts;

namespace Sconce.Pipelines.Tests.Forecasting;

public class ForecastComparisonTests(SmallForecaster small) : IClassFixture<SmallForecaster>
{
    private const int Horizon = 7;
    private const int Training = SmallForecaster.Days - SmallForecaster.HeldOut;

    private readonly ForecastComparison _comparison = ForecastComparison.Run(small.Model, small.Data, SmallForecaster.HeldOut, step: Horizon);

    [Fact]
    public void Every_way_of_forecasting_is_measured_from_the_same_origins_of_each_series()
    {
        Assert.Equal(["naive", "seasonal-naive 7", "Holt-Winters 7", "network"], _comparison.Results.Select(result => result.Method));
        Assert.Equal((_comparison.Results[1], _comparison.Results[3]), (_comparison.Baseline, _comparison.Network));
        int[] origins = [.. Enumerable.Range(0, 6).Select(week => Training + 7 * week)];
        Assert.Equal(origins.Concat(origins), _comparison.Origins.Select(origin => origin.Origin));
        Assert.Equal([6, 6], _comparison.Origins.CountBy(origin => origin.Forecast.Series).Select(series => series.Value));
        Assert.All(_comparison.Origins, origin => Assert.Equal(SmallForecaster.Date(origin.Origin - 1), origin.Date));
    }

    [Fact]
    public void The_lines_are_what_their_definitions_give()
    {
        double Value(int series, int day) => SmallForecaster.Value(series, day);
        var errors = (from series in (int[])[0, 1]
                      from week in Enumerable.Range(0, 6)
                      from step in Enumerable.Range(0, Horizon)
                      let day = Training + 7 * week + step
                      let scale = Enumerable.Range(7, Training - 7).Average(t => Math.Abs(Value(series, t) - Value(series, t - 7)))
                      select (Naive: Math.Abs(Value(series, day) - Value(series, day - step - 1)), Seasonal: Math.Abs(Value(series, day) - Value(series, day - 7)), Scale: scale)).ToList();
        Assert.Equal(errors.Average(error => error.Naive), _comparison.Results[0].Errors.MeanAbsolute, 1e-3);
        Assert.Equal(errors.Average(error => error.Seasonal), _comparison.Baseline.Errors.MeanAbsolute, 1e-3);
        Assert.Equal(Math.Sqrt(errors.Average(error => error.Seasonal * error.Seasonal)), _comparison.Baseline.Errors.RootMeanSquared, 1e-3);
        Assert.Equal(errors.Average(error => error.Seasonal / error.Scale), _comparison.Baseline.Errors.Scaled, 1e-4);

        var network = _comparison.Origins.SelectMany(origin => origin.Actual.Zip(origin.Forecast.Values, (actual, forecast) => Math.Abs((double)actual - forecast)));
        Assert.Equal(network.Average(), _comparison.Network.Errors.MeanAbsolute, 1e-3);
        var within = _comparison.Origins.SelectMany(origin => origin.Actual.Select((actual, step) => actual >= origin.Forecast.Lower[step] && actual <= origin.Forecast.Upper[step] ? 1.0 : 0));
        Assert.Equal(within.Average(), _comparison.Network.Interval!.Coverage, 1e-12);
    }

    [Fact]
    public void A_longer_season_is_tried_where_dates_have_one_and_rows_suffice()
    {
        var day = new Trainers.SeriesFrequency(TimeSpan.FromDays(1));
        Assert.Equal([7, 364], ForecastPeers.Seasons(7, day));
        Assert.Equal([24, 168], ForecastPeers.Seasons(24, new(TimeSpan.FromHours(1))));
        Assert.Equal([12], ForecastPeers.Seasons(12, new(TimeSpan.Zero, Months: 1)));
        Assert.Equal([7], ForecastPeers.Seasons(7, null));
        Assert.Empty(ForecastPeers.Seasons(1, day));
        Assert.Equal(5, ForecastPeers.Of([7, 364], 729).Count());
        Assert.Equal(4, ForecastPeers.Of([7, 364], 728).Count());
        Assert.Equal(3, ForecastPeers.Of([7, 364], 363).Count());
        Assert.Equal([5, 260], ForecastPeers.Seasons(5, day with { Weekdays = Trainers.Weekdays.BusinessDays }));
    }

    [Fact]
    public void A_picture_of_an_origin_has_what_came()
    {
        var origin = _comparison.Origins[^1];
        var chart = _comparison.Picture(origin).Draw();
        Assert.Equal(["actual", "forecast, 95 % bounds"], chart.Lines.Select(line => line.Name));
        Assert.Equal("forecast, 97.5 % bounds", (_comparison.Picture(origin) with { ConfidenceLevel = 0.975 }).Draw().Lines[1].Name);
        Assert.Equal(SmallForecaster.Value(1, SmallForecaster.Days - 1), chart.Lines[0].Y[^1], 1e-3);
        Assert.Equal(origin.Forecast.Values, chart.Lines[1].Y.Skip(1));
    }

    [Fact]
    public void The_last_rows_of_each_series_are_left_out()
    {
        Assert.Equal(2 * Training, small.Train.GetRowCount());
        Assert.Equal(Enumerable.Range(0, 2 * Training).Select(row => SmallForecaster.Value(row % 2, row / 2)), small.Train.GetColumn<float>("Value"));
        var births = small.Ml.Data.LoadBirths();
        Assert.Equal(new DateTime(2002, 12, 31), small.Ml.Data.DropLastRows(births, 365).GetColumn<DateTime>("Date").Last());
        Assert.Equal([("", 3_652)], small.Ml.Data.SeriesLengths(births).Select(series => (series.Key, series.Value)));
        Assert.Equal([("north", SmallForecaster.Days), ("south", SmallForecaster.Days)], small.Ml.Data.SeriesLengths(small.Data, "Series").Select(series => (series.Key, series.Value)));
        Assert.Contains("'north' has 260 rows, so the last 260", Assert.ThrowsAny<ArgumentException>(() => small.Ml.Data.DropLastRows(small.Data, SmallForecaster.Days, "Series")).Message, StringComparison.Ordinal);
        // A filter does not know its number of rows.
        var few = small.Ml.Data.FilterRowsByColumn(births, "Value", 0, 7_000);
        double[] values = [.. few.GetColumn<double>("Value")];
        Assert.True(values.Length > 5);
        Assert.Equal(values[..^3], small.Ml.Data.DropLastRows(few, 3).GetColumn<double>("Value"));
        Assert.Equal(values[^3..], small.Ml.Data.TakeLastRows(few, 3).GetColumn<double>("Value"));
        Assert.Equal(Enumerable.Range(2 * Training, 2 * SmallForecaster.HeldOut).Select(row => SmallForecaster.Value(row % 2, row / 2)), small.Ml.Data.TakeLastRows(small.Data, SmallForecaster.HeldOut, "Series").GetColumn<float>("Value"));
    }

    [Fact]
    public void Filled_values_are_counted_and_an_end_without_any_is_refused()
    {
        var options = SmallForecaster.Options with { SeriesColumnName = null, MissingValues = Trainers.MissingValues.Previous };
        var filled = ForecastComparison.CheckData(options, Series(missing: 10), heldOut: 20);
        Assert.Equal(new Trainers.FilledValues(10, 10, 0), filled);
        Assert.Contains("10 missing values were filled in, 10 of them at the end", $"{filled}", StringComparison.Ordinal);
        Assert.Contains("last 20 rows", Assert.Throws<InvalidDataException>(() => ForecastComparison.CheckData(options, Series(missing: 20), heldOut: 20)).Message, StringComparison.Ordinal);
        Assert.Equal(new Trainers.FilledValues(0, 0, 0), ForecastComparison.CheckData(options, Series(missing: 0), heldOut: 20));

        static IDataView Series(int missing) => SeriesView.Of(
        [
            ("Date", Enumerable.Range(0, 100).Select(SmallForecaster.Date).ToArray()),
            ("Value", Enumerable.Range(0, 100).Select(day => day < 100 - missing ? day % 7 : double.NaN).ToArray()),
        ]);
    }

    [Fact]
    public void A_series_of_which_too_little_is_left_is_refused_before_the_training()
    {
        ForecastComparison.CheckData(SmallForecaster.Options, small.Data, SmallForecaster.HeldOut);
        var refused = Assert.Throws<InvalidDataException>(() => ForecastComparison.CheckData(SmallForecaster.Options, small.Data, SmallForecaster.Days - 20));
        Assert.Contains("'north' has 260 rows, of which 20 are left when the last 240 are held out; a window of 14 and a horizon of 7 need at least 21", refused.Message, StringComparison.Ordinal);
    }
}
