using Sconce.Trainers.Persistence;

namespace Sconce.Trainers;

/// <summary>What is expected of a series.</summary>
/// <param name="Series">Its name; empty where there is one.</param>
/// <param name="Dates">The date of each step; null where the model has no dates.</param>
/// <param name="Values">The forecast of each step.</param>
/// <param name="Lower">The lower bound of each step; NaN where the model was made without bounds, or from too few windows for that level.</param>
/// <param name="Upper">The upper bound of each step, likewise.</param>
public sealed record SeriesForecast(string Series, IReadOnlyList<DateTime>? Dates, double[] Values, double[] Lower, double[] Upper)
{
    /// <summary>What is written after each date, where those that were read had an offset from UTC: Z or +02:00. Default: null, nothing.</summary>
    public string? DateSuffix { get; init; }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}

/// <summary>The newest values of a series that a model keeps, oldest first.</summary>
/// <param name="Series">Its name; empty where there is one.</param>
/// <param name="Dates">The date of each value; null where the model has no dates.</param>
/// <param name="Values">The values.</param>
public sealed record SeriesHistory(string Series, IReadOnlyList<DateTime>? Dates, double[] Values)
{
    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}

/// <summary>A forecast beside what came.</summary>
/// <param name="Origin">The number of the series' values that it was made from.</param>
/// <param name="Date">The date of the last of them; null where the model has no dates.</param>
/// <param name="Actual">What came; NaN where no value was given, even if one was filled in.</param>
/// <param name="Forecast">What was forecast.</param>
public sealed record ForecastOrigin(int Origin, DateTime? Date, double[] Actual, SeriesForecast Forecast)
{
    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
