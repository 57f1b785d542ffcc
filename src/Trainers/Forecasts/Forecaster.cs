using System.Runtime.InteropServices;
using Sconce.Trainers.Columns;
using Sconce.Trainers.Scoring;
using static TorchSharp.torch;

namespace Sconce.Trainers.Forecasts;

/// <summary>A trained network with what it needs to forecast series.</summary>
internal sealed class Forecaster(ForecastDefinition definition, TorchModel model, ForecastIntervals intervals)
{
    public ForecastDefinition Definition => definition;

    public TorchModel Model => model;

    public ForecastIntervals Intervals => intervals;

    /// <summary>The number of steps beyond a series' end that an encoding needs for <paramref name="horizon"/> steps: whole trained horizons.</summary>
    public int StepsAhead(int horizon) => (horizon + definition.Horizon - 1) / definition.Horizon * definition.Horizon;

    /// <summary>Forecasts in the series' own units.</summary>
    /// <param name="origins">The origins, each with a window before it and <see cref="StepsAhead"/> encoded after it.</param>
    /// <param name="horizon">The number of steps. Beyond the trained horizon, they are forecast from forecasts.</param>
    /// <returns>For each origin the values of the steps.</returns>
    public double[][] Forecast(IReadOnlyList<(EncodedSeries Series, int Origin)> origins, int horizon)
    {
        var ahead = StepsAhead(horizon);
        var forecasts = ahead == definition.Horizon
            ? Score(origins)
            : Extend([.. origins.Select(origin => origin.Series.Around(origin.Origin, ahead))], ahead);
        return [.. forecasts.Select((scaled, i) => Array.ConvertAll(scaled[..horizon], value => definition.Limit(origins[i].Series.Scale.Restore(value))))];
    }

    public SeriesForecast Describe(string series, DateTime? last, double[] values, double level)
    {
        var deviation = definition.ScaleOf(series).Deviation;
        var widths = intervals.HalfWidths(level, values.Length);
        DateTime[]? dates = last is { } date ? [.. values.Select((_, step) => definition.Frequency!.After(date, step + 1))] : null;
        return new SeriesForecast(
            series, dates, values,
            [.. values.Select((value, step) => definition.Limit(value - widths[step] * deviation))],
            [.. values.Select((value, step) => definition.Limit(value + widths[step] * deviation))])
        {
            DateSuffix = definition.Zone?.ToString(),
        };
    }

    /// <summary>Measures the errors of the network on held-out windows.</summary>
    public static ForecastIntervals Calibrate(ForecastDefinition definition, TorchModel model, IReadOnlyList<(EncodedSeries Series, int Origin)> origins)
    {
        var forecasts = new Forecaster(definition, model, ForecastIntervals.None(definition.Horizon)).Score(origins);
        var actual = new float[definition.Horizon];
        var errors = Enumerable.Range(0, definition.Horizon).Select(_ => new List<float>(origins.Count)).ToArray();
        for (var i = 0; i < origins.Count; i++)
        {
            var forecast = Limit(definition, forecasts[i], origins[i].Series.Scale);
            origins[i].Series.CopyValues(origins[i].Origin, actual);
            for (var step = 0; step < actual.Length; step++)
            {
                if (!float.IsNaN(actual[step]))
                    errors[step].Add(Math.Abs(forecast[step] - actual[step]));
            }
        }

        return new ForecastIntervals([.. errors.Select(step => step.Order().ToArray())]);
    }

    private float[][] Extend(IReadOnlyList<EncodedSeries> series, int ahead)
    {
        var forecasts = series.Select(_ => new float[ahead]).ToArray();
        for (var done = 0; done < ahead; done += definition.Horizon)
        {
            var origin = definition.WindowSize + done;
            foreach (var (i, next) in Score([.. series.Select(one => (one, origin))]).Index())
            {
                next.CopyTo(forecasts[i], done);
                series[i].Continue(origin, Limit(definition, next, series[i].Scale));
            }
        }

        return forecasts;
    }

    /// <summary>Runs the network in batches.</summary>
    private float[][] Score(IReadOnlyList<(EncodedSeries Series, int Origin)> origins)
    {
        var field = new Field(ScalarType.Float32, [definition.WindowSize + definition.Horizon, definition.Channels]);
        var capacity = Math.Max(1, Math.Min(origins.Count, model.Definition.Network.ScoringBatchSize));
        var scores = new ScoreBatch(model.Definition.Objective.Columns, [true], capacity);
        var windows = new float[capacity * field.Length];
        var forecasts = new float[origins.Count][];
        for (var first = 0; first < origins.Count; first += capacity)
        {
            var count = Math.Min(capacity, origins.Count - first);
            for (var i = 0; i < count; i++)
                origins[first + i].Series.CopyWindow(origins[first + i].Origin, windows.AsSpan(i * field.Length, field.Length));
            model.Score(MemoryMarshal.AsBytes(windows.AsSpan()), field, count, scores, null);
            for (var i = 0; i < count; i++)
                forecasts[first + i] = scores.Values<float>(0, i).ToArray();
        }

        return forecasts;
    }

    private static float[] Limit(ForecastDefinition definition, float[] scaled, NamedScale scale) => definition.IsLimited ? Array.ConvertAll(scaled, value => scale.Scale(definition.Limit(scale.Restore(value)))) : scaled;
}
