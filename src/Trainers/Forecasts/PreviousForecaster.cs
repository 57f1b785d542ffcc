using System.Globalization;
using Microsoft.ML;
using Sconce.Trainers.Model;
using Sconce.Trainers.Training;

namespace Sconce.Trainers.Forecasts;

/// <summary>Continues the training of an earlier forecaster, whose weights fit only its own scales and calendar.</summary>
internal static class PreviousForecaster
{
    /// <summary>Finds the definition of an earlier forecaster.</summary>
    /// <exception cref="ArgumentException">The model is not a forecaster.</exception>
    public static ForecastDefinition Find(ITransformer model) => PipelineSteps.Of(model).OfType<ForecastTransformer>().LastOrDefault()?.Forecaster.Definition
        ?? throw PreviousWeights.Refuse($"is not a forecaster. Pass a model that {nameof(ForecastCatalog.ForecastByRecurrentNetwork)} has trained.");

    /// <summary>Takes over the scales of the series and covariates that the earlier model knows, and its holidays.</summary>
    /// <exception cref="ArgumentException">The windows differ; the message names the difference.</exception>
    public static ForecastDefinition Reconcile(ForecastDefinition previous, ForecastDefinition definition)
    {
        Require("WindowSize", previous.WindowSize, definition.WindowSize);
        Require("Horizon", previous.Horizon, definition.Horizon);
        Require("PastCovariates", Text(previous.Columns.PastCovariates), Text(definition.Columns.PastCovariates));
        Require("FutureCovariates", Text(previous.Columns.FutureCovariates), Text(definition.Columns.FutureCovariates));
        Require("steps from date to date", Text(previous.Frequency), Text(definition.Frequency));
        Require("Calendar", Text(previous.Calendar), Text(definition.Calendar));
        return definition with
        {
            Calendar = previous.Calendar,
            Series = [.. definition.Series.Select(scale => previous.Series.FirstOrDefault(known => known.Name == scale.Name) ?? scale)],
            Covariates = previous.Covariates,
        };
    }

    private static void Require<T>(string what, T there, T here)
    {
        if (!Equals(there, here))
            throw PreviousWeights.Refuse($"was trained with other {what}: {there} there and {here} here. They have to be the same to continue its training.");
    }

    private static string Text(IReadOnlyList<string> names) => names.Count == 0 ? "none" : string.Join(", ", names);

    private static string Text(SeriesFrequency? frequency) => frequency?.ToString() ?? "no dates";

    /// <summary>Which holidays occur depends on the data and is not compared.</summary>
    private static string Text(CalendarFeatures? calendar) => calendar is null ? "none" : string.Create(
        CultureInfo.InvariantCulture,
        $"{(calendar.DayOfWeek ? "days of the week" : "no days of the week")}, {calendar.YearlyHarmonics} yearly harmonics, {(calendar.Holidays is { } holidays ? $"holidays of '{holidays.Name}' with {calendar.DaysAroundHolidays} days around" : "no holidays")}");
}
