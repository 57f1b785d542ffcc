using System.Globalization;
using System.Numerics.Tensors;

namespace Sconce.Trainers;

/// <summary>What makes the network's numbers of a series' rows, and back: columns, calendar, scales.</summary>
/// <param name="Columns">The columns.</param>
/// <param name="WindowSize">The number of rows that are read.</param>
/// <param name="Horizon">The number of values that are forecast at a time.</param>
/// <param name="ConfidenceLevel">The share of the values that shall lie within the bounds.</param>
/// <param name="MissingValues">What is done with missing values.</param>
/// <param name="Calendar">What is told of a date; null where there are no dates.</param>
/// <param name="Frequency">How far dates are apart; null where there are none.</param>
/// <param name="Series">The series that were learned from, each with the scale of its values.</param>
/// <param name="Covariates">The scales of the covariates, those of the past first.</param>
internal sealed record ForecastDefinition(
    ForecastColumns Columns, int WindowSize, int Horizon, double ConfidenceLevel, MissingValues MissingValues,
    CalendarFeatures? Calendar, SeriesFrequency? Frequency, IReadOnlyList<NamedScale> Series, IReadOnlyList<NamedScale> Covariates)
{
    /// <summary>The number of values at each step: the series' own, covariates, the calendar's.</summary>
    public int Channels => 1 + Covariates.Count + (Calendar?.Size ?? 0);

    /// <summary>The number of channels of which the past alone is known: the first ones.</summary>
    public int PastChannels => 1 + Columns.PastCovariates.Count;

    /// <summary>The columns of numbers that are known in advance.</summary>
    public bool HasKnownCovariates => Columns.KnownCovariates.Count > 0;

    /// <summary>The scale of a series' values.</summary>
    /// <exception cref="InvalidDataException">It is none that was learned from.</exception>
    public NamedScale ScaleOf(string series) => Series.FirstOrDefault(scale => scale.Name == series)
        ?? throw new InvalidDataException($"The model knows no series '{series}'; it was trained on {string.Join(", ", Series.Take(10).Select(scale => $"'{scale.Name}'"))}{(Series.Count > 10 ? ", ..." : "")}. Train on data that has it.");

    /// <summary>Puts new rows of a series after those that are there.</summary>
    /// <exception cref="InvalidDataException">They do not begin with the next date, are not in order, leave a date out, or lack a value.</exception>
    public SeriesRows Continue(SeriesRows rows, SeriesRows next)
    {
        var whole = rows.Concat(next);
        if (Frequency is not null)
            whole.CheckSteps(Frequency, Columns.Date!);
        whole.Fill(MissingValues, [.. Columns.Numbers], rows.Count);
        return whole;
    }

    /// <summary>Checks a definition that comes from a file.</summary>
    /// <exception cref="ArgumentException">A value makes no sense.</exception>
    public void Validate()
    {
        Columns.Validate();
        Check.AtLeast(WindowSize, 1, nameof(WindowSize));
        Check.AtLeast(Horizon, 1, nameof(Horizon));
        Check.Between(ConfidenceLevel, 0, 1, nameof(ConfidenceLevel));
        Check.AtLeast(Series.Count, 1, "Series.Count");
        Calendar?.Validate();
        Frequency?.Validate();
        foreach (var scale in Series.Concat(Covariates))
        {
            if (scale is not { Name: not null } || !float.IsFinite(scale.Mean))
                throw new ArgumentException($"The mean of '{scale?.Name}' is {scale?.Mean.ToString(CultureInfo.InvariantCulture) ?? "missing"}; a finite number is expected.");
            Check.Positive(scale.Deviation, $"The deviation of '{scale.Name}'");
        }

        if (Covariates.Count != Columns.PastCovariates.Count + Columns.KnownCovariates.Count)
            throw new ArgumentException($"There are {Covariates.Count} scales of covariates; one for each is expected.");
        if ((Columns.Date is null) != (Frequency is null) || (Columns.Date is null && Calendar is not null))
            throw new ArgumentException("A frequency and a calendar go with a date column.");
    }
}

/// <summary>What takes values to a mean of nought and a deviation of one.</summary>
/// <param name="Name">Whose values.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Deviation">Their standard deviation; 1 where they are all the same.</param>
internal sealed record NamedScale(string Name, float Mean, float Deviation)
{
    public static NamedScale Of(string name, IEnumerable<float> values)
    {
        double[] all = [.. values.Select(value => (double)value)];
        var mean = TensorPrimitives.Sum<double>(all) / all.Length;
        var deviation = (float)Math.Sqrt(all.Sum(value => (value - mean) * (value - mean)) / all.Length);
        return new NamedScale(name, (float)mean, deviation > 0 && float.IsFinite(deviation) ? deviation : 1);
    }

    public float Scale(float value) => (value - Mean) / Deviation;

    public float Restore(float scaled) => scaled * Deviation + Mean;
}
