using Sconce.Core.Errors;
using Sconce.Trainers.Persistence;

namespace Sconce.Trainers;

/// <summary>The input and output columns of a forecaster.</summary>
/// <param name="Value">The series.</param>
/// <param name="Forecast">The forecasts made after each row.</param>
public sealed record ForecastColumns(string Value, string Forecast)
{
    /// <summary>The dates; null for none.</summary>
    public string? Date { get; init; }

    /// <summary>The names of the series; null if there is only one series.</summary>
    public string? Series { get; init; }

    /// <summary>The past covariates, which are known only up to the present.</summary>
    public IReadOnlyList<string> PastCovariates { get; init; } = [];

    /// <summary>The future covariates, which are known in advance.</summary>
    [FormerName("KnownCovariates")]
    public IReadOnlyList<string> FutureCovariates { get; init; } = [];

    /// <summary>The lower bounds; null for none.</summary>
    public string? LowerBound { get; init; }

    /// <summary>The upper bounds; null for none.</summary>
    public string? UpperBound { get; init; }

    /// <summary>The numeric input columns, the series first.</summary>
    internal IEnumerable<string> Numbers => [Value, .. PastCovariates, .. FutureCovariates];

    /// <summary>The output columns, the forecasts first.</summary>
    internal IEnumerable<string> Written => new[] { Forecast, LowerBound, UpperBound }.OfType<string>();

    internal void Validate()
    {
        Check.NotEmpty(Value, "InputColumnName");
        Check.NotEmpty(Forecast, "OutputColumnName");
        foreach (var name in PastCovariates)
            Check.NotEmpty(name, "PastCovariates");
        foreach (var name in FutureCovariates)
            Check.NotEmpty(name, "FutureCovariates");
        RefuseTwice(Numbers.Append(Date).Append(Series), "is used twice: the value, the date, the series name and each covariate need separate columns");
        RefuseTwice([Forecast, LowerBound, UpperBound], "is written twice: forecasts and bounds need separate columns");
    }

    private static void RefuseTwice(IEnumerable<string?> names, string what)
    {
        if (names.Where(name => name is not null).GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Skip(1).Any()) is { Key: var name })
            throw new ArgumentException($"The column '{name}' {what}.");
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
