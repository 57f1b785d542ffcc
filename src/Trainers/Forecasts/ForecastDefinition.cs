using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;

namespace Sconce.Trainers.Forecasts;

/// <summary>How a series' rows are encoded for the network and forecasts are decoded: columns, calendar, scales.</summary>
/// <param name="Columns">The columns.</param>
/// <param name="WindowSize">The number of rows that a forecast is made from.</param>
/// <param name="Horizon">The number of values to forecast.</param>
/// <param name="ConfidenceLevel">The confidence level of the bounds.</param>
/// <param name="MissingValues">How missing values are handled.</param>
/// <param name="Calendar">The features of dates; null if there are no dates.</param>
/// <param name="Frequency">The frequency of dates; null if there are none.</param>
/// <param name="Series">The series of the training data, each with the scale of its values.</param>
/// <param name="Covariates">The scales of the covariates, past covariates first.</param>
internal sealed record ForecastDefinition(
    ForecastColumns Columns, int WindowSize, int Horizon, double ConfidenceLevel, MissingValues MissingValues,
    CalendarFeatures? Calendar, SeriesFrequency? Frequency, IReadOnlyList<NamedScale> Series, IReadOnlyList<NamedScale> Covariates)
{
    /// <summary>The number of values at each step: the series' own, covariates, the calendar's.</summary>
    public int Channels => 1 + Covariates.Count + (Calendar?.Size ?? 0);

    /// <summary>The number of channels that are known only up to the present: the first ones.</summary>
    public int PastChannels => 1 + Columns.PastCovariates.Count;

    /// <summary>The lower limit of forecasts; null for none.</summary>
    public double? Minimum { get; init; }

    /// <summary>The upper limit of forecasts; null for none.</summary>
    public double? Maximum { get; init; }

    /// <summary>The UTC offset of dates; null if they have none.</summary>
    public DateZone? Zone { get; init; }

    public bool IsLimited => Minimum is not null || Maximum is not null;

    /// <summary>The columns of numbers that are known in advance.</summary>
    public bool HasFutureCovariates => Columns.FutureCovariates.Count > 0;

    /// <summary>The scale of a series' values.</summary>
    /// <exception cref="InvalidDataException">The training data did not have this series.</exception>
    public NamedScale ScaleOf(string series) => Series.FirstOrDefault(scale => scale.Name == series)
        ?? throw new InvalidDataException($"The model was not trained on a series '{series}'; it was trained on {string.Join(", ", Series.Take(10).Select(scale => $"'{scale.Name}'"))}{(Series.Count > 10 ? ", ..." : "")}. Train on data that has it.");

    /// <summary>The value, limited.</summary>
    public double Limit(double value) => Math.Min(Math.Max(value, Minimum ?? double.NegativeInfinity), Maximum ?? double.PositiveInfinity);

    /// <summary>Reads rows of the model's series, with dates of the same offset.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="numbers">The columns of numbers to be read; null for all.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="ArgumentException">A column is missing or has a type that cannot be used.</exception>
    /// <exception cref="InvalidDataException">
    /// The rows are invalid as in training, or only one of the rows and the model has dates with an offset.
    /// </exception>
    public SeriesData Read(IDataView data, IReadOnlyList<string>? numbers = null, CancellationToken cancellation = default)
    {
        var read = SeriesReader.Read(data, Columns, numbers ?? [.. Columns.Numbers], cancellation);
        var zone = read.Series[0].Zone;
        // A DateTime has no offset: it is taken to be in the model's.
        if ((zone is null) != (Zone is null) && data.Schema[Columns.Date!].Type is not DateTimeDataViewType)
            throw new InvalidDataException($"The dates in column '{Columns.Date}' have {(zone is null ? "no offset" : $"an offset from UTC ({zone})")}, and those that the model was trained on have {(Zone is null ? "none" : $"one ({Zone})")}. Give dates as the model's: {SeriesRows.Text(read.Series[0].Dates![0], Zone?.ToString())}.");
        foreach (var rows in read.Series)
        {
            if (zone is not null)
                rows.Shift(Zone!.Offset - zone.Offset);
            rows.Zone = Zone;
        }

        return read;
    }

    /// <summary>Appends new rows to a series.</summary>
    /// <exception cref="InvalidDataException">They do not start with the next date, are not in order, or a date or value is missing.</exception>
    public SeriesRows Continue(SeriesRows rows, SeriesRows next)
    {
        var whole = rows.Concat(next);
        if (Frequency is not null)
            whole.Complete(Frequency, Columns.Date!);
        whole.Fill(MissingValues, [.. Columns.Numbers], rows.Count);
        return whole;
    }

    /// <summary>Checks a definition that comes from a file.</summary>
    /// <exception cref="ArgumentException">A value is invalid.</exception>
    public void Validate()
    {
        Columns.Validate();
        Check.AtLeast(WindowSize, 1, nameof(WindowSize));
        Check.AtLeast(Horizon, 1, nameof(Horizon));
        Check.Between(ConfidenceLevel, 0, 1, nameof(ConfidenceLevel));
        Check.AtLeast(Series.Count, 1, "Series.Count");
        Calendar?.Validate();
        CheckLimits(Minimum, Maximum);
        Frequency?.Validate();
        foreach (var scale in Series.Concat(Covariates))
        {
            if (scale is not { Name: not null } || !double.IsFinite(scale.Mean))
                throw new ArgumentException($"The mean of '{scale?.Name}' is {scale?.Mean.ToString(CultureInfo.InvariantCulture) ?? "missing"}; a finite number is expected.");
            Check.Positive(scale.Deviation, $"The deviation of '{scale.Name}'");
        }

        if (Covariates.Count != Columns.PastCovariates.Count + Columns.FutureCovariates.Count)
            throw new ArgumentException($"The definition has {Covariates.Count} covariate scales; one for each covariate is expected.");
        if ((Columns.Date is null) != (Frequency is null) || (Columns.Date is null && Calendar is not null))
            throw new ArgumentException("A date column needs a frequency; a frequency and a calendar need a date column.");
    }

    /// <summary>Checks that the minimum is below the maximum.</summary>
    public static void CheckLimits(double? minimum, double? maximum)
    {
        foreach (var (limit, name) in ((double?, string)[])[(minimum, nameof(Minimum)), (maximum, nameof(Maximum))])
        {
            if (limit is { } number && !double.IsFinite(number))
                throw new ArgumentOutOfRangeException(name, string.Create(CultureInfo.InvariantCulture, $"{name} is {number}; it has to be finite."));
        }

        if (minimum >= maximum)
            throw new ArgumentOutOfRangeException(nameof(Maximum), string.Create(CultureInfo.InvariantCulture, $"{nameof(Maximum)} is {maximum}; it has to be greater than {nameof(Minimum)}, {minimum}."));
    }
}
