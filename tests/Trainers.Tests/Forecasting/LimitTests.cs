using Microsoft.ML;

namespace Sconce.Trainers.Tests.Forecasting;

/// <summary>The least and the greatest value that is forecast.</summary>
public class LimitTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Forecasts_and_bounds_keep_within_the_limits_after_saving_too()
    {
        var random = new Random(1);
        var rows = DailySeries.Create(150);
        foreach (var row in rows)
            row.Value = random.Next(10) == 0 ? random.Next(1, 6) : 0;
        using var free = DailySeries.Train(_ml, DailySeries.Quick, rows);
        Assert.Contains(free.CreateForecastEngine(_ml).Predict(20).Lower, bound => bound < 0);
        using var trained = DailySeries.Train(_ml, DailySeries.Quick with { Minimum = 0, Maximum = 0.5 }, rows);
        using var model = (ForecastTransformer)_ml.Model.Load(new MemoryStream(ModelZip.Save(_ml, trained)), out _);
        var forecast = model.CreateForecastEngine(_ml).Predict(20);
        Assert.All(forecast.Values.Concat(forecast.Lower).Concat(forecast.Upper), value => Assert.InRange(value, 0, 0.5));
        Assert.Contains(0.0, forecast.Lower);
        Assert.Contains(0.5, forecast.Upper);
        Assert.All(DailySeries.Column(model.Transform(_ml.Data.LoadFromEnumerable(rows)), "Lower").Skip(14), row => Assert.All(row, bound => Assert.InRange(bound, 0, 0.5)));
    }

    [Theory]
    [InlineData(1.0, 1.0, "Maximum is 1", "greater than Minimum")]
    [InlineData(double.NaN, null, "Minimum is NaN")]
    [InlineData(null, double.PositiveInfinity, "Maximum is")]
    public void Limits_that_make_no_sense_are_refused(double? minimum, double? maximum, params string[] parts) =>
        Sentence.Has(Assert.ThrowsAny<ArgumentException>(() => _ml.Forecasting.ForecastByRecurrentNetwork(DailySeries.Quick with { Minimum = minimum, Maximum = maximum })), parts);
}
