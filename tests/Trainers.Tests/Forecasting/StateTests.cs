using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers.Forecasts;

namespace Sconce.Trainers.Tests.Forecasting;

/// <summary>A model goes on where its series stopped, by whatever way it came there.</summary>
public sealed class StateTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryFolder _folder = new();
    private readonly List<DailySeries.Row> _rows = DailySeries.Create(200);
    private readonly ForecastTransformer _model;

    public StateTests() => _model = DailySeries.Train(_ml, DailySeries.Quick, _rows.Take(150));

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Rows_a_backtest_and_an_engine_that_is_updated_give_the_same_forecasts()
    {
        var transformed = _model.Transform(Load(0, 200));
        var (values, lower, upper) = (DailySeries.Column(transformed), DailySeries.Column(transformed, "Lower"), DailySeries.Column(transformed, "Upper"));
        Assert.All(values[..13], row => Assert.All(row, value => Assert.True(float.IsNaN(value))));
        Assert.All(values[13..], row => Assert.All(row, value => Assert.True(float.IsFinite(value))));

        var backtest = ForecastBacktest.Run(_model, Load(0, 200), heldOut: 50, horizon: 7, step: 1);
        var engine = _model.CreateForecastEngine(_ml);
        foreach (var origin in backtest.Where(origin => origin.Origin % 10 == 0))
        {
            if (origin.Origin > 150)
                engine.Update(Load(origin.Origin - 10, 10));
            var forecast = engine.Predict();
            Assert.Equal(origin.Forecast.Dates, forecast.Dates);
            Assert.Equal(DateTime.Parse(_rows[origin.Origin].Date), forecast.Dates![0]);
            AssertClose(origin.Forecast.Values, forecast.Values);
            AssertClose(values[origin.Origin - 1], forecast.Values);
            AssertClose(lower[origin.Origin - 1], forecast.Lower);
            AssertClose(upper[origin.Origin - 1], forecast.Upper);
            Assert.Equal(_rows.Skip(origin.Origin).Take(7).Select(row => (double)row.Value), origin.Actual);
        }
    }

    [Fact]
    public void A_saved_model_forecasts_the_same_and_holds_what_is_known_of_its_series()
    {
        using var loaded = Reload(_model);
        Assert.Equal(_model.CreateForecastEngine(_ml).Predict(21, 0.8).Values, loaded.CreateForecastEngine(_ml).Predict(21, 0.8).Values);
        Assert.Equal(_model.CreateForecastEngine(_ml).Predict(21, 0.8).Upper, loaded.CreateForecastEngine(_ml).Predict(21, 0.8).Upper);
        Assert.Equal(DailySeries.Column(_model.Transform(Load(0, 60)), "Lower"), DailySeries.Column(loaded.Transform(Load(0, 60)), "Lower"));
        var history = loaded.CreateForecastEngine(_ml).History();
        Assert.Equal(_rows.Take(150).Select(row => (double)row.Value), history.Values);
        Assert.Equal(new DateTime(2001, 1, 1), history.Dates![0]);
        Assert.Equal(_model.Calendar!.Size, loaded.Calendar!.Size);
        Assert.Equal(_model.Frequency, loaded.Frequency);
    }

    [Fact]
    public void A_check_point_goes_on_where_the_engine_stood_and_leaves_the_model_as_it_was()
    {
        var path = _folder.PathOf("model.zip");
        var before = _model.CreateForecastEngine(_ml).Predict().Values;
        var engine = _model.CreateForecastEngine(_ml);
        engine.Update(Load(150, 20));
        engine.CheckPoint(_ml, path);
        using var loaded = (ForecastTransformer)new MLContext().Model.Load(path, out _);
        var again = loaded.CreateForecastEngine(_ml);
        Assert.Equal(engine.Predict().Values, again.Predict().Values);
        again.Update(Load(170, 5));
        again.CheckPoint(_ml, path);
        engine.Update(Load(170, 5));
        using var twice = (ForecastTransformer)_ml.Model.LoadVerified(path, out _);
        Assert.Equal(engine.Predict().Values, twice.CreateForecastEngine(_ml).Predict().Values);
        Assert.Equal(before, _model.CreateForecastEngine(_ml).Predict().Values);
        Assert.Single(Directory.GetFiles(_folder.FullName));
    }

    [Fact]
    public void A_check_point_has_the_schema_that_the_engine_was_given_or_that_of_the_rows_it_took()
    {
        var path = _folder.PathOf("model.zip");
        var schema = Load(0, 1).Schema;
        _model.CreateForecastEngine(_ml, schema).CheckPoint(_ml, path);
        AssertSaved();
        var engine = _model.CreateForecastEngine(_ml);
        engine.Update(Load(150, 1));
        engine.CheckPoint(_ml, path);
        AssertSaved();

        void AssertSaved()
        {
            using var loaded = (ForecastTransformer)_ml.Model.Load(path, out var found);
            Assert.Equal(schema.Select(column => (column.Name, column.Type)), found.Select(column => (column.Name, column.Type)));
        }
    }

    [Fact]
    public void A_year_is_kept_and_no_more()
    {
        var engine = _model.CreateForecastEngine(_ml);
        engine.Update(_ml.Data.LoadFromEnumerable(DailySeries.Create(600).Skip(150)));
        var history = engine.History();
        Assert.Equal(367, history.Values.Length);
        Assert.Equal(new DateTime(2001, 1, 1).AddDays(599), history.Dates![^1]);
    }

    [Fact]
    public void Steps_before_the_forecaster_are_applied_to_new_rows_and_saved_with_it()
    {
        var path = _folder.PathOf("chain.zip");
        var chain = _ml.Transforms.CopyColumns("Copied", "Value").Append(_ml.Forecasting.ForecastByRecurrentNetwork(DailySeries.Quick with { InputColumnName = "Copied" }));
        using var model = chain.Fit(Load(0, 150));
        var engine = model.CreateForecastEngine(_ml);
        Assert.Equal(_model.CreateForecastEngine(_ml).Predict().Values, engine.Predict().Values);
        engine.Update(Load(150, 10));
        engine.CheckPoint(_ml, path);
        var loaded = _ml.Model.Load(path, out _);
        var again = loaded.CreateForecastEngine(_ml);
        again.Update(Load(160, 10));
        engine.Update(Load(160, 10));
        Assert.Equal(engine.Predict().Values, again.Predict().Values);
        Assert.Equal(150, DailySeries.Column(loaded.Transform(Load(0, 150))).Length);
    }

    /// <summary>Beyond the trained horizon the forecasts are what the series would be continued by, were they true.</summary>
    [Fact]
    public void A_longer_horizon_goes_on_from_its_own_forecasts()
    {
        var engine = _model.CreateForecastEngine(_ml);
        var longer = engine.Predict(17);
        AssertClose(engine.Predict().Values, longer.Values[..7]);
        AssertClose(engine.Predict(3).Values, longer.Values[..3]);
        for (var done = 7; done < 17; done += 7)
        {
            engine.Update(_ml.Data.LoadFromEnumerable(Enumerable.Range(done - 7, 7).Select(step => new DailySeries.Row { Date = SeriesRows.Text(longer.Dates![step]), Value = (float)longer.Values[step] })));
            AssertClose(engine.Predict(Math.Min(7, 17 - done)).Values, longer.Values[done..Math.Min(done + 7, 17)]);
        }

        Assert.True(Width(longer, 13) > Width(longer, 6), "bounds beyond the trained horizon are no wider than within it");

        static double Width(SeriesForecast forecast, int step) => forecast.Upper[step] - forecast.Lower[step];
    }

    [Fact]
    public void A_backtest_of_a_longer_horizon_is_what_an_engine_forecasts()
    {
        var backtest = ForecastBacktest.Run(_model, Load(0, 180), heldOut: 30, horizon: 17, step: 5, confidenceLevel: 0.5);
        Assert.Equal([150, 155, 160], backtest.Select(origin => origin.Origin));
        var forecast = _model.CreateForecastEngine(_ml).Predict(17, 0.5);
        AssertClose(forecast.Values, backtest[0].Forecast.Values);
        AssertClose(forecast.Upper, backtest[0].Forecast.Upper);
        Assert.Equal(forecast.Dates, backtest[0].Forecast.Dates);
        Assert.Equal(new DateTime(2001, 1, 1).AddDays(154), backtest[1].Date);
    }

    [Fact]
    public void Covariates_that_are_known_in_advance_come_with_the_question()
    {
        var options = DailySeries.Quick with { FutureCovariates = ["Planned"], NumberOfEpochs = 10, LearningRate = 1e-2 };
        using var model = DailySeries.Train(_ml, options, _rows.Take(150));
        using var loaded = Reload(model);
        var engine = loaded.CreateForecastEngine(_ml);
        // Seven steps are told for seven, and nine for nine, of which the last two begin a horizon.
        var transformed = DailySeries.Column(loaded.Transform(Load(0, 157)));
        AssertClose(transformed[149], engine.Predict(future: Load(150, 7)).Values);
        AssertClose(transformed[149], engine.Predict(9, future: Load(150, 9)).Values[..7]);
        Assert.All(transformed[150], value => Assert.True(float.IsNaN(value)));
        var other = _rows.Skip(150).Take(7).Select(row => new DailySeries.Row { Date = row.Date, Planned = 1 - row.Planned });
        Assert.NotEqual(transformed[149][0], engine.Predict(future: _ml.Data.LoadFromEnumerable(other)).Values[0], 1e-2);
    }

    [Fact]
    public void Without_dates_rows_are_counted()
    {
        using var model = DailySeries.Train(_ml, DailySeries.Quick with { DateColumnName = null }, _rows.Take(150));
        using var loaded = Reload(model);
        var engine = loaded.CreateForecastEngine(_ml);
        Assert.Null(engine.Predict().Dates);
        engine.Update(Load(150, 10));
        AssertClose(DailySeries.Column(loaded.Transform(Load(0, 160)))[^1], engine.Predict().Values);
    }

    private IDataView Load(int first, int count) => _ml.Data.LoadFromEnumerable(_rows.Skip(first).Take(count));

    private ForecastTransformer Reload(ForecastTransformer model) => (ForecastTransformer)new MLContext().Model.Load(new MemoryStream(ModelZip.Save(_ml, model)), out _);

    private static void AssertClose<TExpected, TActual>(TExpected[] expected, TActual[] actual)
        where TExpected : INumber<TExpected>
        where TActual : INumber<TActual>
    {
        Assert.Equal(expected.Length, actual.Length);
        // Batches of several rows are summed in another order than single ones.
        Assert.All(expected.Zip(actual), pair => Assert.Equal(double.CreateChecked(pair.First), double.CreateChecked(pair.Second), 1e-2));
    }
}
