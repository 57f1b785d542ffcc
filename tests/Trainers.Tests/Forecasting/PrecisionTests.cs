using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers.Forecasts;

namespace Sconce.Trainers.Tests.Forecasting;

/// <summary>Values that a Single does not hold are learned and forecast all the same.</summary>
public class PrecisionTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Theory]
    [InlineData(1e9, 10)]
    [InlineData(-1e12, 0.5)]
    [InlineData(1e30, 1e29)]
    [InlineData(1e-30, 1e-31)]
    [InlineData(0, 1e-200)]
    [InlineData(0, 1e200)]
    public void Small_movements_on_a_large_level_are_followed(double level, double movement)
    {
        double Value(int day) => level + movement * Math.Sin(2 * Math.PI * day / 7);
        using var model = Train(Rows(0, 120, Value), DailySeries.Quick);
        using var loaded = (ForecastTransformer)_ml.Model.Load(new MemoryStream(ModelZip.Save(_ml, model)), out _);
        var engine = loaded.CreateForecastEngine(_ml);
        engine.Update(Rows(120, 5, Value));
        Assert.Equal(Enumerable.Range(0, 125).Select(Value), engine.History().Values);
        AssertNear(engine.Predict().Values);

        var transformed = loaded.Transform(Rows(0, 125, Value));
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Double, DailySeries.Horizon), transformed.Schema["Forecast"].Type);
        AssertNear([.. transformed.GetColumn<double[]>("Forecast").Last()]);
        Assert.Equal(Value(124), ForecastBacktest.Run(loaded, Rows(0, 125, Value), 7, 7, 7)[0].Actual[^1]);

        void AssertNear(double[] forecast)
        {
            foreach (var (step, value) in forecast.Index())
                Assert.True(Math.Abs(value - Value(125 + step)) < 0.7 * movement, $"step {step}: {value} is far from {Value(125 + step)}");
        }
    }

    [Fact]
    public void Covariates_keep_their_precision_too()
    {
        var rows = Enumerable.Range(0, 60).Select(day => new { Date = Date(day), Value = day % 7 + 0.0, Counter = 1e9 + day });
        using var model = _ml.Forecasting.ForecastByRecurrentNetwork(DailySeries.Quick with { PastCovariates = ["Counter"], NumberOfSteps = 1 }).Fit(_ml.Data.LoadFromEnumerable(rows));
        var scale = model.Forecaster.Definition.Covariates[0];
        Assert.Equal(1 / scale.Deviation, scale.Scale(1e9 + 8) - scale.Scale(1e9 + 7), 1e-5);
    }

    /// <summary>What models of before were trained and forecast by.</summary>
    [Fact]
    public void Plain_values_are_scaled_as_Singles_always_were()
    {
        var random = new Random(3);
        float[] values = [.. Enumerable.Range(0, 200).Select(_ => 10_000 + 2_000 * random.NextSingle())];
        var scale = NamedScale.Of("", values.Select(value => (double)value));
        Assert.All(values, value => Assert.Equal((value - (float)scale.Mean) / (float)scale.Deviation, scale.Scale(value)));
        Assert.Equal(0, scale.Scale(scale.Mean), 1e-6f);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(42)]
    [InlineData(-0.1)]
    [InlineData(1e9)]
    [InlineData(1e-300)]
    public void A_constant_series_is_forecast_near_its_value(double constant)
    {
        using var model = Train(Rows(0, 60, _ => constant), DailySeries.Quick);
        var forecast = model.CreateForecastEngine(_ml).Predict();
        var near = constant == 0 ? 1 : Math.Abs(constant) * 0.05;
        Assert.All(forecast.Values.Concat(forecast.Lower).Concat(forecast.Upper), value => Assert.InRange(value, constant - near, constant + near));
    }

    private ForecastTransformer Train(IDataView rows, RecurrentForecast.Options options) => _ml.Forecasting.ForecastByRecurrentNetwork(options with { LearningRate = 1e-2, NumberOfEpochs = 4 }).Fit(rows);

    private IDataView Rows(int first, int count, Func<int, double> value) => _ml.Data.LoadFromEnumerable(Enumerable.Range(first, count).Select(day => new { Date = Date(day), Value = value(day) }));

    private static DateTime Date(int day) => new DateTime(2001, 1, 1).AddDays(day);
}
