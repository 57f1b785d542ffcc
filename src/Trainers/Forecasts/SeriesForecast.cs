using Sconce.Trainers.Persistence;

namespace Sconce.Trainers;

/// <summary>A forecast of a series.</summary>
/// <param name="Series">The name of the series; empty if there is only one.</param>
/// <param name="Dates">The date of each step; null if the model has no dates.</param>
/// <param name="Values">The forecast of each step.</param>
/// <param name="Lower">The lower bound of each step; NaN if the model has no bounds, or too few windows for the confidence level.</param>
/// <param name="Upper">The upper bound of each step, likewise.</param>
public sealed record SeriesForecast(string Series, IReadOnlyList<DateTime>? Dates, double[] Values, double[] Lower, double[] Upper)
{
    /// <summary>The UTC offset of the dates, such as Z or +02:00, if the dates that were read have one. Default: null, none.</summary>
    public string? DateSuffix { get; init; }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}

/// <summary>The newest values of a series that a model keeps, oldest first.</summary>
/// <param name="Series">The name of the series; empty if there is only one.</param>
/// <param name="Dates">The date of each value; null if the model has no dates.</param>
/// <param name="Values">The values.</param>
public sealed record SeriesHistory(string Series, IReadOnlyList<DateTime>? Dates, double[] Values)
{
    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}

/// <summary>A forecast of a backtest, with the actual values.</summary>
/// <param name="Origin">The number of values up to the origin.</param>
/// <param name="Date">The date of the origin; null if the model has no dates.</param>
/// <param name="Actual">The actual values; NaN if a value is missing, even if it was filled.</param>
/// <param name="Forecast">The forecast.</param>
public sealed record ForecastOrigin(int Origin, DateTime? Date, double[] Actual, SeriesForecast Forecast)
{
    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
