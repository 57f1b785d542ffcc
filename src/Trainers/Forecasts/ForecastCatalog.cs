using Sconce.Trainers;
using Sconce.Trainers.Interop;

namespace Microsoft.ML;

/// <summary>Forecasts by recurrent networks, in ML.NET's own catalog <c>mlContext.Forecasting</c>.</summary>
public static class ForecastCatalog
{
    /// <summary>Forecasts the next values of a series by a recurrent encoder-decoder that corrects the values one season before.</summary>
    /// <param name="catalog">The catalog: <c>mlContext.Forecasting</c>.</param>
    /// <param name="outputColumnName">The column of the forecasts made after each row, a vector of the series' type with <paramref name="horizon"/> values.</param>
    /// <param name="inputColumnName">The series, a Single or Double a row, in the order of time.</param>
    /// <param name="windowSize">The number of rows that a forecast is made from, at least 1 and at least a season.</param>
    /// <param name="horizon">The number of values that are forecast at a time, at least 1.</param>
    /// <param name="dateColumnName">The column of the dates, a DateTime or text as 2003-12-31; null for none, and so no calendar.</param>
    /// <param name="confidenceLevel">The share of the values that shall lie within the bounds, in (0, 1).</param>
    /// <param name="confidenceLowerBoundColumn">The column of the lower bounds; null for none.</param>
    /// <param name="confidenceUpperBoundColumn">The column of the upper bounds; null for none.</param>
    /// <exception cref="ArgumentException">An option has a value that makes no sense.</exception>
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

    /// <summary>Forecasts by a recurrent network, with every option.</summary>
    /// <exception cref="ArgumentException">An option has a value that makes no sense.</exception>
    public static ForecastEstimator ForecastByRecurrentNetwork(this ForecastingCatalog catalog, RecurrentForecast.Options options) =>
        new(MLNetEnvironment.Of(catalog, nameof(ForecastByRecurrentNetwork)), options);

    /// <summary>Makes what continues the series of a model: it forecasts from where they stand, takes new rows, and saves the model with them.</summary>
    /// <param name="model">A model with a <see cref="ForecastTransformer"/>: it itself, or a chain. Steps before it are applied to the rows that the engine is given.</param>
    /// <param name="ml">The context.</param>
    /// <param name="inputSchema">The schema of the data that the model was trained on, as <c>mlContext.Model.Load</c> gives it; <see cref="ForecastEngine.CheckPoint"/> saves it. Default: null, that of the first rows that the engine takes.</param>
    /// <exception cref="ArgumentException">The model does not forecast.</exception>
    public static ForecastEngine CreateForecastEngine(this ITransformer model, MLContext ml, DataViewSchema? inputSchema = null) => new(model, inputSchema);
}
