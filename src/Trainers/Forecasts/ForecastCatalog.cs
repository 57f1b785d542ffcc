using Sconce.Trainers;
using Sconce.Trainers.Interop;

namespace Microsoft.ML;

/// <summary>Forecasting with recurrent networks, in ML.NET's catalog <c>mlContext.Forecasting</c>.</summary>
public static class ForecastCatalog
{
    /// <summary>Forecasts the next values of a series with a recurrent encoder-decoder that corrects a seasonal naive forecast.</summary>
    /// <param name="catalog">The catalog: <c>mlContext.Forecasting</c>.</param>
    /// <param name="outputColumnName">The output column with the forecasts made after each row: a vector of the series' type with <paramref name="horizon"/> values.</param>
    /// <param name="inputColumnName">The column with the values of the series, Single or Double, in order of time.</param>
    /// <param name="windowSize">The number of rows that a forecast is made from, at least 1 and at least the season length.</param>
    /// <param name="horizon">The number of values to forecast, at least 1.</param>
    /// <param name="dateColumnName">The column with the dates, DateTime or text such as 2003-12-31; null for no dates and no calendar features.</param>
    /// <param name="confidenceLevel">The confidence level of the bounds: the fraction of the values that lie within them, in (0, 1).</param>
    /// <param name="confidenceLowerBoundColumn">The output column with the lower bounds; null for none.</param>
    /// <param name="confidenceUpperBoundColumn">The output column with the upper bounds; null for none.</param>
    /// <exception cref="ArgumentException">An option has an invalid value.</exception>
    /// <example>
    /// <code>
    /// var model = ml.Forecasting.ForecastByRecurrentNetwork("Forecast", "Births", windowSize: 56, horizon: 28, dateColumnName: "Date").Fit(births);
    /// var engine = model.CreateForecastEngine(ml);
    /// var next = engine.Predict();
    /// engine.Update(newRows);
    /// engine.CheckPoint(ml, "births.zip");
    /// </code>
    /// </example>
    public static ForecastEstimator ForecastByRecurrentNetwork(
        this ForecastingCatalog catalog, string outputColumnName, string inputColumnName, int windowSize, int horizon, string? dateColumnName = null,
        double confidenceLevel = 0.95, string? confidenceLowerBoundColumn = null, string? confidenceUpperBoundColumn = null) =>
        catalog.ForecastByRecurrentNetwork(new RecurrentForecast.Options
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName,
            WindowSize = windowSize,
            Horizon = horizon,
            DateColumnName = dateColumnName,
            ConfidenceLevel = confidenceLevel,
            ConfidenceLowerBoundColumn = confidenceLowerBoundColumn,
            ConfidenceUpperBoundColumn = confidenceUpperBoundColumn,
        });

    /// <summary>Forecasts with a recurrent network, with all options.</summary>
    /// <exception cref="ArgumentException">An option has an invalid value.</exception>
    public static ForecastEstimator ForecastByRecurrentNetwork(this ForecastingCatalog catalog, RecurrentForecast.Options options) =>
        new(MLNetEnvironment.Of(catalog, nameof(ForecastByRecurrentNetwork)), options);

    /// <summary>Creates an engine that continues the series of a model: it forecasts, takes new rows, and saves the model with them.</summary>
    /// <param name="model">A <see cref="ForecastTransformer"/>, or a chain with one. Steps before it are applied to the rows that the engine gets.</param>
    /// <param name="ml">The context.</param>
    /// <param name="inputSchema">The schema of the data that the model was trained on, as <c>mlContext.Model.Load</c> gives it; <see cref="ForecastEngine.CheckPoint"/> saves it. Default: null, the schema of the first rows that the engine gets.</param>
    /// <exception cref="ArgumentException">The model does not forecast.</exception>
    public static ForecastEngine CreateForecastEngine(this ITransformer model, MLContext ml, DataViewSchema? inputSchema = null) => new(model, inputSchema);
}
