using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Forecasting;

/// <summary>The columns that are promised, and those that come.</summary>
public class SchemaTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Forecasts_and_the_bounds_that_are_asked_for_are_added()
    {
        var options = DailySeries.Quick with { NumberOfSteps = 1, ConfidenceLowerBoundColumn = null };
        var data = _ml.Data.LoadFromEnumerable(DailySeries.Create(60));
        using var model = DailySeries.Train(_ml, options, DailySeries.Create(60));
        var view = model.Transform(data);
        Assert.Equal([.. data.Schema.Select(column => column.Name), "Forecast", "Upper"], view.Schema.Select(column => column.Name));
        Assert.All(["Forecast", "Upper"], name => Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, DailySeries.Horizon), view.Schema[name].Type));
        Assert.Equal(view.Schema.Select(column => (column.Name, column.Type)), model.GetOutputSchema(data.Schema).Select(column => (column.Name, column.Type)));
        Assert.False(((ITransformer)model).IsRowToRowMapper);
        Sentence.Has(Assert.Throws<NotSupportedException>(() => ((ITransformer)model).GetRowToRowMapper(data.Schema)), "CreateForecastEngine");

        // By reflection: ML.NET's own way from a schema to its shape is internal.
        var create = typeof(SchemaShape).GetMethod("Create", BindingFlags.Static | BindingFlags.NonPublic)!.CreateDelegate<Func<DataViewSchema, SchemaShape>>();
        var promised = _ml.Forecasting.ForecastByRecurrentNetwork(options).GetOutputSchema(create(data.Schema));
        Assert.Equal(Describe(create(view.Schema)), Describe(promised));

        static IEnumerable<string> Describe(SchemaShape shape) => shape.Select(column => $"{column.Name} {column.Kind} {column.ItemType}").Order(StringComparer.Ordinal);
    }

    [Fact]
    public void Dates_may_be_text_or_dates_and_numbers_of_either_precision()
    {
        var rows = DailySeries.Create(60);
        var options = DailySeries.Quick with { NumberOfSteps = 3 };
        using var text = DailySeries.Train(_ml, options, rows);
        using var typed = _ml.Forecasting.ForecastByRecurrentNetwork(options).Fit(_ml.Data.LoadFromEnumerable(rows.Select(row => new { Date = DateTime.Parse(row.Date), Value = (double)row.Value })));
        Assert.Equal(ModelZip.SavedWeights(_ml, text), ModelZip.SavedWeights(_ml, typed));
        Assert.Equal(text.CreateForecastEngine(_ml).Predict().Dates, typed.CreateForecastEngine(_ml).Predict().Dates);
    }

    [Fact]
    public void A_month_stands_for_its_first_day()
    {
        var months = DailySeries.Create(60).Select((row, month) => new { Date = new DateTime(1999, 1, 1).AddMonths(month).ToString("yyyy-MM", System.Globalization.CultureInfo.InvariantCulture), row.Value });
        using var model = _ml.Forecasting.ForecastByRecurrentNetwork(DailySeries.Quick with { NumberOfSteps = 1 }).Fit(_ml.Data.LoadFromEnumerable(months));
        Assert.Equal("1 month", $"{model.Frequency}");
        Assert.Equal(new DateTime(2004, 1, 1), model.CreateForecastEngine(_ml).Predict().Dates![0]);
    }

    [Fact]
    public void Columns_that_are_not_asked_for_cost_no_forecast()
    {
        using var model = DailySeries.Train(_ml, DailySeries.Quick with { NumberOfSteps = 1 }, DailySeries.Create(60));
        // A date that is refused where forecasts are made, and only there.
        var rows = DailySeries.Create(30);
        rows.RemoveAt(20);
        var view = model.Transform(_ml.Data.LoadFromEnumerable(rows));
        Assert.Equal(rows.Select(row => row.Value), view.GetColumn<float>("Value"));
        Assert.Throws<InvalidDataException>(() => view.GetColumn<float[]>("Forecast").Count());
    }
}
