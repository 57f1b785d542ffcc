using System.Collections.Frozen;

namespace Sconce.Trainers.Forecasts;

/// <summary>A series encoded for the network, [steps, channels]. Future steps have only the channels that are known in advance.</summary>
internal sealed class EncodedSeries
{
    private readonly ForecastDefinition _definition;
    private readonly float[] _steps;
    private readonly IReadOnlySet<int> _filled;

    private EncodedSeries(ForecastDefinition definition, string name, int count, float[] steps, IReadOnlySet<int> filled)
    {
        (_definition, Name, Count, _steps, _filled) = (definition, name, count, steps, filled);
        Scale = definition.ScaleOf(name);
    }

    public string Name { get; }

    /// <summary>The number of steps whose value is known.</summary>
    public int Count { get; }

    public NamedScale Scale { get; }

    /// <param name="definition">How it is encoded.</param>
    /// <param name="rows">The series.</param>
    /// <param name="ahead">The number of steps beyond its end.</param>
    /// <param name="known">The future values of each future covariate; missing ones repeat the last value.</param>
    public static EncodedSeries Of(ForecastDefinition definition, SeriesRows rows, int ahead, IReadOnlyList<IReadOnlyList<double>>? known = null)
    {
        var (count, channels) = (rows.Count, definition.Channels);
        if (ahead > 0 && rows.Dates is [.., var last] && definition.Frequency!.StepsAfter(last) is var most && most < ahead)
            throw new ArgumentException($"The forecast needs {ahead} steps of {definition.Frequency} after {SeriesRows.Text(last)}, but only {most} end before the year 10000. Choose fewer steps.");
        var series = new EncodedSeries(definition, rows.Name, count, new float[(count + ahead) * channels], rows.Filled);
        for (var step = 0; step < count + ahead; step++)
        {
            var values = series._steps.AsSpan(step * channels, channels);
            if (step < count)
                values[0] = series.Scale.Scale(rows.Values[step]);
            for (var i = 0; i < definition.Covariates.Count; i++)
            {
                var covariate = rows.Numbers[1 + i];
                var following = known is null || i < definition.PastChannels - 1 ? null : known[i - definition.PastChannels + 1];
                var value = step < count ? covariate[step] : following is { Count: > 0 } ? following[Math.Min(step - count, following.Count - 1)] : covariate[^1];
                values[1 + i] = definition.Covariates[i].Scale(value);
            }

            var date = rows.Dates is null ? default : step < count ? rows.Dates[step] : definition.Frequency!.After(rows.Dates[^1], step - count + 1);
            definition.Calendar?.Write(date, values[(1 + definition.Covariates.Count)..]);
        }

        return series;
    }

    /// <summary>Copies the window before an origin and the <paramref name="ahead"/> steps after it, whose values are to be forecast.</summary>
    public EncodedSeries Around(int origin, int ahead)
    {
        var (window, channels) = (_definition.WindowSize, _definition.Channels);
        return new EncodedSeries(_definition, Name, window, _steps.AsSpan((origin - window) * channels, (window + ahead) * channels).ToArray(), FrozenSet<int>.Empty);
    }

    /// <summary>
    /// Writes the network's input for an origin, [window + horizon, channels]; future steps have only the channels that are known in
    /// advance.
    /// </summary>
    public void CopyWindow(int origin, Span<float> destination)
    {
        var (window, channels) = (_definition.WindowSize, _definition.Channels);
        _steps.AsSpan((origin - window) * channels, destination.Length).CopyTo(destination);
        for (var step = window; step < window + _definition.Horizon; step++)
            destination.Slice(step * channels, _definition.PastChannels).Clear();
    }

    /// <summary>Writes the scaled values from an origin on; NaN for filled values, which are not measured.</summary>
    public void CopyValues(int origin, Span<float> destination)
    {
        for (var step = 0; step < destination.Length; step++)
            destination[step] = IsGiven(origin + step) ? _steps[(origin + step) * _definition.Channels] : float.NaN;
    }

    /// <summary>Whether the value of a step was given, rather than filled in.</summary>
    public bool IsGiven(int step) => !_filled.Contains(step);

    /// <summary>Replaces the values from an origin on by forecasts; past covariates keep their last values.</summary>
    public void Continue(int origin, ReadOnlySpan<float> forecasts)
    {
        var (channels, past) = (_definition.Channels, _definition.PastChannels);
        for (var step = 0; step < forecasts.Length; step++)
        {
            var at = (origin + step) * channels;
            _steps[at] = forecasts[step];
            _steps.AsSpan((origin - 1) * channels + 1, past - 1).CopyTo(_steps.AsSpan(at + 1));
        }
    }
}
