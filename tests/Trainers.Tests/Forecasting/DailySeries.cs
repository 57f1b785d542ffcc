using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Forecasting;

/// <summary>Made-up days: a week that repeats, noise, and a plan that is known in advance and moves the value.</summary>
internal static class DailySeries
{
    public const int Window = 14;
    public const int Horizon = 7;

    private static readonly float[] _week = [90, 120, 110, 112, 108, 105, 80];

    /// <summary>A small network that trains in no time.</summary>
    public static RecurrentForecast.Options Quick { get; } = new()
    {
        WindowSize = Window,
        Horizon = Horizon,
        DateColumnName = "Date",
        Calendar = new() { YearlyHarmonics = 1 },
        ConfidenceLowerBoundColumn = "Lower",
        ConfidenceUpperBoundColumn = "Upper",
        Network = new() { Layers = new() { Cell = RecurrentCell.Gru, HiddenSize = 8 } },
        // Four windows are enough for it.
        ConfidenceLevel = 0.8,
        CalibrationFraction = 0.2,
        Retrain = false,
        NumberOfEpochs = 2,
        BatchSize = 16,
    };

    public static List<Row> Create(int rows, int seed = 1, string series = "", double noise = 3, float scale = 1)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, rows).Select(day =>
            {
                var planned = random.Next(3) == 0 ? 1 : 0;
                var date = new DateTime(2001, 1, 1).AddDays(day);
                return new Row
                {
                    Date = date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                    Series = series,
                    Value = scale * (_week[(int)date.DayOfWeek] + 40 * planned + (float)(noise * (random.NextDouble() + random.NextDouble() - 1))),
                    Planned = planned,
                    Observed = (float)random.NextDouble(),
                };
            }),
        ];
    }

    public static ForecastTransformer Train(MLContext ml, RecurrentForecast.Options options, IEnumerable<Row> rows) => ml.Forecasting.ForecastByRecurrentNetwork(options).Fit(ml.Data.LoadFromEnumerable(rows));

    public static float[][] Column(IDataView forecasts, string name = "Forecast") => [.. forecasts.GetColumn<float[]>(name)];

    public sealed class Row
    {
        public string Date { get; set; } = "";

        public string Series { get; set; } = "";

        public float Value { get; set; }

        public float Planned { get; set; }

        public float Observed { get; set; }
    }
}
