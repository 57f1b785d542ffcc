using Microsoft.ML;
using Sconce.Pipelines.Forecasts;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tests.Forecasting;

/// <summary>A network that forecasts two short series, a week of days each way; trained in a second.</summary>
public sealed class SmallForecaster : IDisposable
{
    public const int Days = 260;
    public const int HeldOut = 42;

    public static RecurrentForecast.Options Options { get; } = new()
    {
        WindowSize = 14,
        Horizon = 7,
        DateColumnName = "Date",
        SeriesColumnName = "Series",
        NumberOfEpochs = 2,
        Network = new() { Layers = new() { Cell = RecurrentCell.Gru, HiddenSize = 6 } },
    };

    public SmallForecaster()
    {
        Train = Ml.Data.DropLastRows(Data, HeldOut, "Series");
        Model = Ml.Forecasting.ForecastByRecurrentNetwork(Options).Fit(Train);
    }

    public MLContext Ml { get; } = new(seed: 1);

    /// <summary>Rows of both series, mixed.</summary>
    public IDataView Data { get; } = SeriesView.Of(
    [
        ("Date", Enumerable.Range(0, 2 * Days).Select(row => Date(row / 2)).ToArray()),
        ("Series", Enumerable.Range(0, 2 * Days).Select(row => Name(row % 2)).ToArray()),
        ("Value", Enumerable.Range(0, 2 * Days).Select(row => Value(row % 2, row / 2)).ToArray()),
    ]);

    public IDataView Train { get; }

    public ForecastTransformer Model { get; }

    public static string Name(int series) => series == 0 ? "north" : "south";

    public static DateTime Date(int day) => new DateTime(2024, 1, 1).AddDays(day);

    /// <summary>A week's shape, a slow wave, and what cannot be foreseen.</summary>
    public static float Value(int series, int day) =>
        (float)((series + 1) * (100 + 20 * (day % 7 / 5) + 10 * Math.Sin(day / 20.0) + 3 * Math.Sin(day * day + series)));

    public void Dispose() => Model.Dispose();
}
