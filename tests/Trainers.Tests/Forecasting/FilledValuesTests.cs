using Microsoft.ML;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Forecasting;

/// <summary>Values that were filled in are read, and are nothing that a forecast is measured by.</summary>
public class FilledValuesTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly RecurrentForecast.Options _options = DailySeries.Quick with { MissingValues = MissingValues.Linear, NumberOfSteps = 2 };

    [Fact]
    public void A_backtest_has_none_of_them_as_what_came()
    {
        var rows = DailySeries.Create(100);
        using var model = DailySeries.Train(_ml, _options, rows.Take(70));
        foreach (var missing in (int[])[80, 98, 99])
            rows[missing].Value = float.NaN;
        var origins = ForecastBacktest.Run(model, _ml.Data.LoadFromEnumerable(rows), heldOut: 28, horizon: 7, step: 7);
        Assert.Equal(rows.Skip(72).Select(row => (double)row.Value), origins.SelectMany(origin => origin.Actual));
        // Bounds that hold everything hold all that was given.
        var wide = origins.Select(origin => origin with { Forecast = origin.Forecast with { Lower = [.. origin.Forecast.Lower.Select(_ => -1e9)], Upper = [.. origin.Forecast.Upper.Select(_ => 1e9)] } }).ToList();
        Assert.Equal(1, ForecastBacktest.Coverage(wide));
        Assert.Equal(double.NaN, ForecastBacktest.Coverage([wide[0] with { Actual = [.. wide[0].Actual.Select(_ => double.NaN)] }]));
    }

    [Fact]
    public void Bounds_are_measured_without_them()
    {
        var logged = new List<string>();
        _ml.Log += (_, line) => logged.Add(line.RawMessage);
        // 80 windows, of which the last 16 calibrate: the last row is the truth of the last step of the last window, and so on.
        var rows = DailySeries.Create(100);
        foreach (var missing in (int[])[50, 97, 98, 99])
            rows[missing].Value = float.NaN;
        using var model = DailySeries.Train(_ml, _options, rows);
        Assert.Equal([16, 16, 16, 16, 15, 14, 13], model.Forecaster.Intervals.Errors.Select(errors => errors.Length));
        Assert.Equal(13, model.Forecaster.Intervals.Windows);
        using var loaded = (ForecastTransformer)_ml.Model.Load(new MemoryStream(ModelZip.Save(_ml, model)), out _);
        Assert.Equal(model.Forecaster.Intervals.Errors, loaded.Forecaster.Intervals.Errors);
        Assert.Contains(logged, line => line.Contains("4 missing values were filled in, 3 of them at the end", StringComparison.Ordinal));
        Sentence.Has(
            Assert.Throws<InvalidDataException>(() => DailySeries.Train(_ml, _options with { ConfidenceLevel = 0.93 }, rows)),
            "'Lower'", "is 13");
    }

    [Fact]
    public void They_are_not_learned_to_be_forecast()
    {
        using var scope = NewDisposeScope();
        using var network = nn.Identity();
        var objective = new Sconce.Trainers.Forecasting(2);
        var forecast = tensor(new float[] { 1, 2, 3, 4 }).view(2, 2).requires_grad_();
        var (whole, _) = objective.Evaluate(network, forecast, tensor(new float[] { 2, 4, 6, 8 }).view(2, 2));
        Assert.Equal(2.5f, whole.item<float>());
        var (some, metric) = objective.Evaluate(network, forecast, tensor(new float[] { 2, float.NaN, 6, float.NaN }).view(2, 2));
        Assert.Equal((2, 2), (some.item<float>(), metric!.item<float>()));
        some.backward();
        Assert.Equal([-0.5f, 0, -0.5f, 0], forecast.grad!.data<float>().ToArray());
        var (none, _) = objective.Evaluate(network, forecast, full([2, 2], float.NaN));
        Assert.Equal(0, none.item<float>());
    }

    [Fact]
    public void A_validation_set_is_measured_where_values_were_given()
    {
        var rows = DailySeries.Create(120);
        double Loss(float last)
        {
            rows[^1].Value = last;
            using var model = DailySeries.Train(_ml, _options with { ValidationSet = _ml.Data.LoadFromEnumerable(rows.Skip(100)) }, rows.Take(100));
            return model.Model.Training.Validation[^1].Loss;
        }

        var (given, far, missing) = (Loss(100), Loss(10_000), Loss(float.NaN));
        Assert.True(far > 2 * given, $"{far} is not much more than {given}");
        Assert.InRange(missing, 0.5 * given, 1.5 * given);
    }

    /// <summary>A holiday in them is a row that is added: the windows are as many as the rows with it.</summary>
    [Fact]
    public void All_windows_of_the_validation_rows_are_measured()
    {
        var rows = DailySeries.Create(160).Where(row => DateTime.Parse(row.Date).DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday)).ToList();
        rows.RemoveAt(105);
        double Loss(float last)
        {
            rows[^1].Value = last;
            using var model = DailySeries.Train(_ml, _options with { ValidationSet = _ml.Data.LoadFromEnumerable(rows.Skip(100)) }, rows.Take(100));
            return model.Model.Training.Validation[^1].Loss;
        }

        var (near, far) = (Loss(100), Loss(10_000));
        Assert.True(far > 2 * near, $"{far} is not much more than {near}");
    }
}
